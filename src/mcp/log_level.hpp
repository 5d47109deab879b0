#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::mcp {

// RFC 5424 severities, least severe first.
enum class LogLevel : std::uint8_t {
    debug,
    info,
    notice,
    warning,
    error,
    critical,
    alert,
    emergency
};

// By its name in the protocol, in small letters; nothing for any other text.
std::optional<LogLevel> parse_log_level(std::string_view text);

// Its name in the protocol.
std::string_view to_string(LogLevel level);

// Whether a log message with these `params` weighs as much as `wanted`, or more. One without a
// level that we know passes: its client can tell. What is no object does not.
bool is_at_least(std::string_view params, LogLevel wanted);

}  // namespace gw::mcp
