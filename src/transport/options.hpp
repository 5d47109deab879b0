#pragma once

#include "base/json_depth.hpp"

#include <chrono>
#include <cstddef>

namespace gw::transport {

using Time = std::chrono::milliseconds;

// Whether clients of the session era have to have a session, may have one, or cannot.
enum class SessionMode { required, optional, off };

// What an operator can set of how MCP is served. See docs/operations.md for the meanings.
struct Options {
    SessionMode sessions = SessionMode::optional;
    bool is_json_only = false;

    std::size_t batch_max = 100;
    int depth_max = json::depth_usual;  // Of a message.
    std::size_t calls_per_session_max = 1000;

    Time sse_after{50};
    Time keep_alive = std::chrono::seconds(15);
    Time retry = std::chrono::seconds(1);
};

}  // namespace gw::transport
