#include "net/listen_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace gw::net {

namespace ip = boost::asio::ip;

namespace {

constexpr std::string_view unix_scheme = "unix:";
constexpr std::size_t path_bytes_max = 107;  // sockaddr_un::sun_path, with its zero.
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, 2.3.4, as text.

std::unexpected<Error> refuse(std::string_view text) {
    return fail(
        Errc::invalid_params,
        "\"" + std::string(text) + "\" is no address: write HOST:PORT, [IPV6]:PORT or unix:PATH"
    );
}

Result<ListenAddress> parse_path(std::string_view text) {
    const auto path = text.substr(unix_scheme.size());
    if (path.empty() || path.contains('\0')) return refuse(text);
    if (path.size() > path_bytes_max) {
        return fail(Errc::invalid_params, "the path of a Unix socket has at most 107 bytes");
    }
    return ListenAddress{.host = {}, .port = 0, .path = std::string(path)};
}

}  // namespace

bool ListenAddress::is_local() const {
    if (is_unix() || host == "localhost") return true;
    boost::system::error_code is_name;
    return ip::make_address(host, is_name).is_loopback() && !is_name;
}

bool is_host(std::string_view host) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
    };
    return !host.empty() && host.size() <= host_bytes_max && std::ranges::all_of(host, is_part);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
    if (text.starts_with(unix_scheme)) return parse_path(text);
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse(text);
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        boost::system::error_code is_none;
        ip::make_address_v6(host, is_none);
        if (is_none) return refuse(text);
    } else if (host.find_first_of(":%") != std::string_view::npos) {
        return refuse(text);
    }
    std::uint16_t port = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool is_number = error == std::errc() && stop == digits.data() + digits.size();
    if (!is_number || !is_host(host)) return refuse(text);
    return ListenAddress{.host = std::string(host), .port = port, .path = {}};
}

std::string to_authority(std::string_view host, std::uint16_t port) {
    std::string text;
    if (host.contains(':')) {
        text.append("[").append(host).append("]");
    } else {
        text.append(host);
    }
    return text.append(":").append(std::to_string(port));
}

std::string to_string(const ListenAddress& address) {
    if (address.is_unix()) return std::string(unix_scheme) + address.path;
    return to_authority(address.host, address.port);
}

}  // namespace gw::net
