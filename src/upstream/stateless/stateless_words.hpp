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

// The newest stateless revision among `versions`, a JSON array, that the gateway speaks; nothing
// when there is none or it is no array of at most 100 elements.
std::optional<mcp::Revision> newest_stateless(std::string_view versions);

// The same of the versions that a server offers in `refusal`, of Errc::unsupported_version.
std::optional<mcp::Revision> alternative(const Error& refusal);

// True for the codes of errors that only stateless servers answer.
bool is_stateless_code(std::int64_t code);

// True for the code of an error that a stateless server answers to a request without envelope or
// with that of no revision of its; one with sessions may answer it for other reasons.
bool may_lack_sessions(std::int64_t code);

// 2026-07-28, basic/transports/streamable-http, Backward Compatibility: true when only a stateless
// server refuses a request over HTTP with this status and code.
bool is_modern_refusal(int status, std::int64_t code);

// True when this answer to server/discover offers a stateless revision that the gateway speaks.
bool is_discovery(const Result<mcp::Answer>& answer);

// The result of initialize that says the same as an answer to server/discover.
// Errc::upstream_failed when that is no is_discovery(), or lacks capabilities or serverInfo.
Result<std::string> as_initialized(const Result<mcp::Answer>& discovered);

// The lists whose changes a server tells of, by `profile`, a result of initialize.
SubscriptionFilter changes_told(std::string_view profile);

// What `response`, with its `scan`, means as the answer to a request of `method` that declared
// `declared`. Errc::header_mismatch and Errc::unsupported_version are what a server says against
// the gateway's own words; the second has the error's data. Errc::upstream_failed for a result of a
// kind that this request cannot have.
Result<mcp::Answer> to_outcome(
    Slice response,
    const mcp::Scan& scan,
    std::string_view method,
    const mcp::ClientCapabilities& declared
);

// The same error for callers: without the kinds and data that are between the server and the
// gateway only.
Error presentable(Error error);

// True for notifications that belong to no request. On the stream of a request they are a fault of
// the server, and dropped.
bool is_outside(std::string_view method);

// True when `message`, a notification with its `scan`, is a log message at least as severe as
// `wanted`. Nothing is when that is nothing.
bool is_severe(
    std::string_view message, const mcp::Scan& scan, std::optional<mcp::LogLevel> wanted
);

}  // namespace gw::upstream
