#include "app/own_address.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"
#include "net/listen_address.hpp"
#include "web/public_url.hpp"

#include <optional>
#include <string_view>

namespace gw::app {

namespace {

struct Place {
    std::string host;  // Without brackets.
    std::uint16_t port = 0;
};

std::optional<Place> place_of(std::string_view url) {
    const bool is_https = url.starts_with("https://");
    if (!is_https && !url.starts_with("http://")) return {};
    url.remove_prefix(is_https ? 8 : 7);
    const auto authority = url.substr(0, url.find_first_of("/?#"));
    auto host = http::host_of(authority);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    const auto usual = static_cast<std::uint16_t>(is_https ? 443 : 80);
    return Place{to_lower(host), http::port_of(authority).value_or(usual)};
}

// Names and addresses of this machine that every machine has.
bool is_this_machine(std::string_view host) {
    return host == "localhost" || host.starts_with("127.") || host == "::1" || host == "0.0.0.0" ||
           host == "::";
}

bool is_at(const std::string& url, const Result<net::ListenAddress>& listen) {
    if (!listen || listen->is_unix() || listen->port == 0) return false;
    const auto place = place_of(url);
    if (!place || place->port != listen->port) return false;
    return place->host == to_lower(listen->host) ||
           (is_this_machine(place->host) && is_this_machine(listen->host));
}

// A proxy may have other servers on the other paths of its host.
bool is_behind(const std::string& url, const std::string& public_url) {
    const auto ours = web::parse_public_url(public_url);
    const auto theirs = web::parse_public_url(url);
    if (!ours || !theirs || theirs->origin != ours->origin) return false;
    auto path = std::string_view(theirs->path);
    if (!path.starts_with(ours->path)) return false;
    path.remove_prefix(ours->path.size());
    return path == "/mcp" || path.starts_with("/servers/");
}

}  // namespace

bool is_own_address(
    const std::string& url, const std::string& listen, const std::string& public_url
) {
    return is_at(url, net::parse_listen_address(listen)) || is_behind(url, public_url);
}

}  // namespace gw::app
