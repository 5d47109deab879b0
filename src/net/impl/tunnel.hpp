#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "net/stream.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::net::impl {

// A way through an HTTP proxy to one destination (RFC 9110, 9.3.6).

inline constexpr std::size_t tunnel_head_bytes_max = 8 * 1024;

// `authority` is "host:port"; `credentials` is "user:password", or empty.
std::string tunnel_request(const std::string& authority, std::string_view credentials);

// Reads the proxy's answer as far as it has come: true when it is complete and grants the tunnel,
// false when more has to come. Bytes behind the head belong to nobody yet, so they are an error.
Result<bool> parse_tunnel_head(std::string_view received);

// Asks the proxy at the other end of `stream` for a tunnel to `authority`.
Task<Result<void>> open_tunnel(
    Stream& stream, const std::string& authority, std::string_view credentials
);

}  // namespace gw::net::impl
