#pragma once

#include "base/error.hpp"
#include "mcp/peer.hpp"

#include <string>
#include <string_view>

// What a server with sessions says of itself when it is initialized. Revision and session id go
// into the heads of later requests, so nothing is accepted that the specification does not allow.
namespace gw::upstream {

// The revision in a result of initialize. Errc::upstream_failed when the gateway does not speak it
// (2025-11-25, basic/lifecycle, Version Negotiation: then the client "SHOULD disconnect").
Result<std::string> parse_agreed_revision(std::string_view result);

// Success when `answer` is a result of initialize with a revision that the gateway speaks; else its
// error, or Errc::upstream_failed.
Result<void> check_initialized(const Result<mcp::Answer>& answer);

// The value of an Mcp-Session-Id header, empty when there is none. Errc::upstream_failed when it is
// not of visible ASCII characters only (2025-11-25, basic/transports, Session Management).
Result<std::string> parse_session_id(std::string_view value);

}  // namespace gw::upstream
