#include "app/listen_address.hpp"

#include "app/grammar.hpp"

#include <sys/un.h>

namespace gw::app {

bool ListenAddress::is_local() const {
    if (is_unix() || host == "localhost" || host == "::1") return true;
    return is_ipv4(host) && host.starts_with("127.");
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    constexpr std::string_view scheme = "unix:";
    if (text.starts_with(scheme)) {
        const auto path = text.substr(scheme.size());
        // The kernel's structure has room for so many bytes, a final NUL among them.
        constexpr auto path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
        const bool has_nul = path.find('\0') != std::string_view::npos;
        if (path.empty() || path.size() > path_bytes_max || has_nul) return std::nullopt;
        return ListenAddress{.host = "", .port = 0, .path = std::string(path)};
    }
    const auto parts = split_host_port(text);
    if (!parts || !parts->port) return std::nullopt;
    return ListenAddress{.host = std::string(parts->host), .port = *parts->port, .path = ""};
}

bool is_listen_address(std::string_view text) {
    return parse_listen_address(text).has_value();
}

bool is_listen_address_or_none(std::string_view text) {
    return text == "none" || is_listen_address(text);
}

}  // namespace gw::app
