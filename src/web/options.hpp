#pragma once

#include "web/public_url.hpp"
#include "web/trusted_proxies.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gw::web {

using Time = std::chrono::milliseconds;

// What an operator can set of the HTTP side, whatever is served. See docs/operations.md for the
// meanings.
struct Options {
    bool is_loopback = true;  // The listener is; then only loopback names are taken in Host.
    std::string listen_host;  // Always taken in Host.
    bool is_tls = false;
    std::optional<PublicUrl> public_url;
    bool has_cors = true;
    bool is_logging_access = false;
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    TrustedProxies trusted_proxies;
    bool has_proxy_protocol = false;  // Trusted proxies begin each connection with a header of it.

    std::size_t head_bytes_max = 32 * 1024;
    std::size_t headers_max = 64;
    std::size_t body_bytes_max = std::size_t{16} << 20U;

    Time head_timeout = std::chrono::seconds(10);
    Time body_timeout = std::chrono::seconds(30);
    Time idle_timeout = std::chrono::seconds(75);
    Time write_timeout = std::chrono::seconds(30);
};

}  // namespace gw::web
