#include "web/public_url.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"
#include "web/origin.hpp"
#include "web/request.hpp"

namespace gw::web {

namespace {

// What requests may have in their targets, without a query.
bool is_path(std::string_view path) {
    const auto target = http::parse_target(path);
    return target && target->path == path && target->authority.empty();
}

}  // namespace

Result<PublicUrl> parse_public_url(std::string_view text) {
    const auto refuse = [text] {
        return fail(Errc::invalid_params, "\"" + std::string(text) + "\" is no public URL");
    };
    auto rest = text;
    const bool is_https = rest.starts_with("https://");
    if (!is_https && !rest.starts_with("http://")) return refuse();
    rest.remove_prefix(rest.find("://") + 3);
    const auto authority = rest.substr(0, rest.find('/'));
    rest.remove_prefix(authority.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (!rest.empty() && (rest.ends_with('/') || !is_path(rest))) return refuse();
    PublicUrl url;
    url.host = to_lower(http::host_of(authority));
    if (url.host.empty()) return refuse();
    const auto port = http::port_of(authority);
    if (port == 0) return refuse();
    url.origin = (is_https ? "https://" : "http://") + url.host;
    if (port && *port != (is_https ? 443 : 80)) url.origin += ":" + std::to_string(*port);
    url.path = rest;
    return url;
}

std::optional<PublicUrl> public_url_of(const Options& options, const Request& request) {
    if (options.public_url) return options.public_url;
    std::string scheme = options.is_tls ? "https" : "http";
    std::string host(request.value(http::Field::host));
    std::string prefix;
    if (const auto* told = request.forwarding.get()) {
        if (!told->scheme.empty()) scheme = told->scheme;
        if (!told->host.empty()) host = told->host;
        prefix = told->prefix;
    }
    if (!is_named_host(options, host)) return {};
    auto url = parse_public_url(scheme + "://" + host + prefix);
    return url ? std::optional(*std::move(url)) : std::nullopt;
}

}  // namespace gw::web
