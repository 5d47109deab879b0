#pragma once

#include "base/error.hpp"
#include "mcp/peer.hpp"
#include "upstream/ground/config.hpp"

#include <string>
#include <string_view>

// What a server says may quote the credentials that the gateway told it (credentials.hpp). So
// nothing that may hold a server's words gets to the log, or as a failure to a client, but through
// here: ServerLog for lines of the log, Lease for what calls fail with.
namespace gw::upstream {

// `text` with *** for each of those that it holds, also where the text was cut in the middle of
// one. If it holds one only with its escapes resolved, another line stands for all of it.
std::string without_secrets(const Config& config, std::string_view text);

// The same for all texts of an error, of which the log gets no more than a part.
void hide_secrets(const Config& config, Error& error);

// The same for an answer that is an error, the gateway's or the server's own, of which all but
// strings that are values stays. Results are not looked at: they pass as the server wrote them.
void hide_secrets(const Config& config, Result<mcp::Answer>& answer);

}  // namespace gw::upstream
