#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace gw::transport {

using Time = std::chrono::milliseconds;

enum class SessionMode { required, optional, off };

// What an operator can set of the client side. See docs/operations.md for the meanings.
struct Options {
    SessionMode sessions = SessionMode::optional;
    bool is_loopback = true;  // The listener is; then only loopback names are taken in Host.
    std::string listen_host;  // Always taken in Host.
    bool has_cors = true;
    bool is_json_only = false;
    bool is_logging_access = false;
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;

    std::size_t head_bytes_max = 32 * 1024;
    std::size_t headers_max = 64;
    std::size_t body_bytes_max = std::size_t{16} << 20U;
    std::size_t batch_max = 100;
    std::size_t calls_per_session_max = 1000;

    Time head_timeout = std::chrono::seconds(10);
    Time body_timeout = std::chrono::seconds(30);
    Time idle_timeout = std::chrono::seconds(75);
    Time write_timeout = std::chrono::seconds(30);

    Time sse_after{50};
    Time keep_alive = std::chrono::seconds(15);
    Time retry = std::chrono::seconds(1);
};

}  // namespace gw::transport
