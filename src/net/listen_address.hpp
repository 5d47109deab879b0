#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::net {

// Where to listen: a host and a port, or the path of a Unix socket. As text it is
//
//   address = host ":" port / "[" ipv6 "]" ":" port / "unix:" path
//
// Port 0 lets the system choose.
struct ListenAddress {
    std::string host;  // An IP address without brackets, or a name.
    std::uint16_t port = 0;
    std::string path;  // If not empty, it is a Unix socket.

    bool is_unix() const { return !path.empty(); }

    // Whether only this machine can connect. A name other than localhost counts as foreign: what it
    // resolves to may change.
    bool is_local() const;

    bool operator==(const ListenAddress&) const = default;
};

// Errc::invalid_params, with a text that says what to write.
Result<ListenAddress> parse_listen_address(std::string_view text);

// As it is read by parse_listen_address().
std::string to_string(const ListenAddress& address);

// "host:port" as a URL or a Host header has it, with brackets around an IPv6 address.
std::string to_authority(std::string_view host, std::uint16_t port);

// Whether `host` can be part of an authority: a name or a numeric address, and nothing that would
// end it, such as a space or a slash.
bool is_host(std::string_view host);

}  // namespace gw::net
