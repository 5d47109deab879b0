#pragma once

#include "base/error.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"

#include <optional>
#include <string>
#include <string_view>

// What every request of a stateless revision carries in `_meta` (2026-07-28, basic, Per-request
// protocol fields). A value of `_meta` that is passed in here was checked before, and stands for
// an empty one when it is no object.
namespace gw::mcp {

struct ReadEnvelope {
    std::string version;  // The revision that the request names, whether we speak it or not.
    Envelope envelope;
};

// The envelope of a request, whose text and scan these are. Errc::missing_meta when the version or
// the capabilities are not there or have a wrong type, or the progress token has one,
// Errc::invalid_params for an unknown log level.
Result<ReadEnvelope> read_envelope(std::string_view message, const Scan& scan);

// `_meta` for a server with sessions: all that the client wrote but the envelope, with
// `progress_token`, which is raw JSON, as its progressToken, or without one if that is empty.
std::string session_meta(std::string_view meta, std::string_view progress_token);

// `_meta` for a stateless server: the same with an envelope of ours. Its clientInfo is that of the
// client, if it sent one.
std::string stateless_meta(
    std::string_view meta,
    std::string_view progress_token,
    std::string_view version,
    const ClientCapabilities& capabilities,
    std::optional<LogLevel> log_level
);

}  // namespace gw::mcp
