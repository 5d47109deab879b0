#pragma once

#include "base/json.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

// How a task is followed to its end for a client that knows no such tasks.
namespace gw::mcp {

constexpr std::chrono::hours task_max{1};  // Else it would be polled for ever.
constexpr std::chrono::seconds task_cancel_max{10};

// How long to wait until the next question: what the server says, within bounds, or a second.
// `given` is pollInterval (2025-11-25) or pollIntervalMs (SEP-2663) as it stands in the message.
inline std::chrono::milliseconds poll_pause(std::string_view given) {
    const auto wanted = json::integer(given).value_or(1000);
    return std::chrono::milliseconds(std::clamp<std::int64_t>(wanted, 100, 5000));
}

}  // namespace gw::mcp
