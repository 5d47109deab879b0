#include "upstream/http/sse_link_endpoint.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"

#include <algorithm>

namespace gw::upstream {

namespace {

std::unexpected<Error> refused(std::string_view why) {
    return fail(Errc::upstream_failed, "upstream sent an invalid endpoint URL", std::string(why));
}

// Takes `prefix`, in any case, off the front of `text`.
bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool is_same_server(std::string_view a, std::string_view b, bool is_tls) {
    const std::uint16_t usual = is_tls ? 443 : 80;
    const auto host = http::host_of(a);
    return !host.empty() && equal_ignoring_case(host, http::host_of(b)) &&
           http::port_of(a).value_or(usual) == http::port_of(b).value_or(usual);
}

bool has_dot_segments(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (!path.empty()) {
        const auto segment = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), segment.size() + 1));
        if (segment == "." || segment == "..") return true;
    }
    return false;
}

}  // namespace

// RFC 3986, 5.2.2, for the references that we accept.
Result<std::string> resolve_endpoint(std::string_view reference, const StreamUrl& stream) {
    const auto is_visible = [](char c) { return c > ' ' && c < 0x7f && c != '\\'; };
    reference = reference.substr(0, reference.find('#'));
    if (reference.empty() || !std::ranges::all_of(reference, is_visible)) {
        return refused("it is empty or has characters that are not allowed in a URL");
    }
    if (take_prefix(reference, stream.is_tls ? "https://" : "http://")) {
        const auto authority = reference.substr(0, reference.find_first_of("/?"));
        if (!is_same_server(authority, stream.authority, stream.is_tls)) {
            return refused("it is on another server");
        }
        reference.remove_prefix(authority.size());
        if (!reference.starts_with('/')) return "/" + std::string(reference);
    }
    // Anything else with a scheme, or with an authority only, leads elsewhere.
    if (reference.starts_with("//")) return refused("it is on another server");
    const auto colon = reference.find(':');
    if (colon < reference.find_first_of("/?")) return refused("it has another scheme");
    if (reference.starts_with("./")) reference.remove_prefix(2);
    if (has_dot_segments(reference)) return refused("it has a \".\" or \"..\" in its path");
    if (reference.starts_with('/')) return std::string(reference);
    auto base = stream.path.substr(0, stream.path.find('?'));
    if (!reference.starts_with('?')) base = base.substr(0, base.rfind('/') + 1);
    return std::string(base.empty() ? "/" : base).append(reference);
}

}  // namespace gw::upstream
