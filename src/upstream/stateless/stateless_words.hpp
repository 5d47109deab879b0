#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"
#include "mcp/scan.hpp"
#include "upstream/stateless/subscription.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a stateless server says, on whatever transport (MCP 2026-07-28).
namespace gw::upstream {

// The newest stateless revision among `versions`, a JSON array, that we speak.
std::optional<mcp::Revision> newest_stateless(std::string_view versions);

// Of the versions that a server names when it refuses ours, with Errc::unsupported_version.
std::optional<mcp::Revision> alternative(const Error& refusal);

// The codes that only servers of that era use for what is wrong with a request.
bool is_stateless_code(std::int64_t code);

// 2026-07-28, basic/transports/streamable-http, Backward Compatibility: what only a server of that
// era answers over HTTP.
bool is_modern_refusal(int status, std::int64_t code);

// True when this answer to server/discover offers a revision that we speak.
bool is_discovery(const Result<mcp::Answer>& answer);

// The result of initialize that says the same as such an answer.
Result<std::string> as_initialized(const Result<mcp::Answer>& discovered);

// The lists whose changes a server tells of, by a result of initialize.
SubscriptionFilter changes_told(std::string_view profile);

// What a response to a request of `method` means, with which `declared` went. Errc::header_mismatch
// and unsupported_version, with error.data as the Error's, are what the server says of our words.
Result<mcp::Answer> to_outcome(
    Slice response,
    const mcp::Scan& scan,
    std::string_view method,
    const mcp::ClientCapabilities& declared
);

// The same error for those who ask: what is wrong with our words is between the server and us.
Error presentable(Error error);

// True for notifications that belong to no request; on the stream of one they are a fault of the
// server.
bool is_outside(std::string_view method);

// True when this log message is as severe as the request wanted.
bool is_severe(
    std::string_view message, const mcp::Scan& scan, std::optional<mcp::LogLevel> wanted
);

}  // namespace gw::upstream
