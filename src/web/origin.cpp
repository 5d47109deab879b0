#include "web/origin.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"

#include <algorithm>

namespace gw::web {

namespace {

// RFC 9110, 4.2.3: "scheme and host are case-insensitive".
bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::any_of(list, [text](const std::string& each) {
        return equal_ignoring_case(each, text);
    });
}

}  // namespace

bool is_allowed_origin(const Options& options, std::string_view origin, std::string_view host) {
    if (contains(options.allowed_origins, origin) || contains(options.allowed_origins, "*")) {
        return true;
    }
    if (options.public_url && equal_ignoring_case(origin, options.public_url->origin)) return true;
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const auto authority = origin.substr(scheme_end + 3);
    const auto name = http::host_of(authority);
    if (name.empty()) return false;
    return equal_ignoring_case(authority, host) ||
           (options.is_loopback && http::is_loopback_host(name));
}

bool is_named_host(const Options& options, std::string_view authority) {
    if (contains(options.allowed_hosts, authority)) return true;
    const auto name = http::host_of(authority);
    if (name.empty()) return false;
    if (equal_ignoring_case(name, options.listen_host) || contains(options.allowed_hosts, name))
        return true;
    const auto& url = options.public_url;
    if (url && equal_ignoring_case(name, url->host)) return true;
    return options.is_loopback && http::is_loopback_host(name);
}

bool is_allowed_host(const Options& options, std::string_view authority) {
    if (is_named_host(options, authority)) return true;
    const auto name = http::host_of(authority);
    if (name.empty()) return false;
    return http::is_loopback_host(name) || (!options.is_loopback && options.allowed_hosts.empty());
}

}  // namespace gw::web
