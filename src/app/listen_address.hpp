#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::app {

// Where to listen: a host and a port, or the path of a Unix socket.
struct ListenAddress {
    std::string host;        // An IP address without brackets, or a name.
    std::uint16_t port = 0;  // 0: the system chooses one.
    std::string path;        // Not empty: a Unix socket.

    bool is_unix() const { return !path.empty(); }

    // Whether only this machine can connect. A name other than localhost counts as foreign:
    // what it resolves to may change.
    bool is_local() const;
};

// listen := host ":" port | "[" IPv6 "]" ":" port | "unix:" path
std::optional<ListenAddress> parse_listen_address(std::string_view text);

bool is_listen_address(std::string_view text);
bool is_listen_address_or_none(std::string_view text);  // Or the word "none".

}  // namespace gw::app
