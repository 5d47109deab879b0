#include "app/outgoing_proxy.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"

#include <string>
#include <string_view>

namespace gw::app {

namespace {

bool is_exempt(const Proxy& settings, std::string_view destination) {
    const auto host = to_lower(destination);
    if (http::is_loopback_host(host) || host == "::1") return true;
    for (const auto& each : settings.no_proxy) {
        const auto lowered = to_lower(each);
        std::string_view entry = lowered;
        if (entry == "*") return true;
        if (entry.starts_with('.')) entry.remove_prefix(1);
        if (entry.empty()) continue;
        if (host == entry) return true;
        if (host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.') return true;
    }
    return false;
}

}  // namespace

Result<std::optional<net::Proxy>> outgoing_proxy(
    const Proxy& settings, const upstream::Target& target
) {
    const bool is_https = target.config.url.starts_with("https://");
    std::string_view url = is_https ? settings.https_proxy : settings.http_proxy;
    if (url.empty() || is_exempt(settings, target.destination.host)) return std::nullopt;
    const auto wrong =
        fail(Errc::invalid_params, "proxy: must be http://[user:password@]host[:port]");
    if (url.starts_with("http://")) url.remove_prefix(7);
    if (url.contains("://")) return wrong;
    url = url.substr(0, url.find('/'));
    net::Proxy proxy;
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        proxy.credentials = url.substr(0, at);
        url.remove_prefix(at + 1);
    }
    auto host = http::host_of(url);
    if (host.empty()) return wrong;
    proxy.port = http::port_of(url).value_or(3128);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    proxy.host = host;
    return proxy;
}

}  // namespace gw::app
