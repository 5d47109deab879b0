#pragma once

#include "base/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

// The header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): with it a
// proxy that only passes bytes on begins a connection, to say whose it is. Without I/O.
namespace gw::web {

// What both versions fit into (2: the smallest TCP segment that every host takes).
inline constexpr std::size_t proxy_header_bytes_max = 536;

struct ProxyHeader {
    std::size_t size;  // It has at least so many bytes; when as many are there, just these.

    // Who connected to the proxy, once all of it is there; nothing when the proxy speaks for itself
    // (LOCAL), or does not know (UNKNOWN), or means another kind of network.
    std::optional<boost::asio::ip::address> source;

    bool is_whole(std::string_view text) const { return text.size() >= size; }
};

// Reads the header that `text` begins with, as far as it has come. Who reads no further than `size`
// leaves everything behind the header. Errc::malformed as soon as there can be none.
Result<ProxyHeader> parse_proxy_header(std::string_view text);

// Whether `text`, which is no request, begins with such a header.
bool is_proxy_header(std::string_view text);

}  // namespace gw::web
