#include "web/forwarding.hpp"

#include "base/ascii.hpp"
#include "http/forwarded.hpp"
#include "http/target.hpp"

#include <optional>
#include <ranges>
#include <utility>

namespace gw::web {

namespace ip = boost::asio::ip;

namespace {

constexpr int hops_max = 32;

// Nothing for names that hide an address, and for an address with a zone, which means something on
// the proxy's own machine only.
std::optional<ip::address> address_of(std::string_view node) {
    const auto host = http::host_of_node(node);
    boost::system::error_code is_other;
    const auto address = ip::make_address(host, is_other);
    if (is_other || host.contains('%')) return {};
    return net::unmapped(address);
}

// What the headers of one name say, which a request may have several times: together they are one
// list.
struct Told {
    std::string client;
    std::string_view proto{};  // Of the last element that counts.
    std::string_view host{};
    bool names_client = false;  // If only as somebody who is hidden, or in a way that is not read.
};

class Walk {
public:
    Walk(const TrustedProxies& proxies, std::string_view peer)
        : proxies_(proxies), told_{.client = std::string(peer)} {}

    // Follows the lists of these headers from the last one's end.
    template <typename Read>
    Told along(const http::Head& head, std::string_view text, std::string_view name, Read read) && {
        for (const auto& header : std::views::reverse(head.headers())) {
            if (!equal_ignoring_case(header.name.of(text), name)) continue;
            auto list = header.value.of(text);
            for (;;) {
                const auto element = http::take_last(list);
                if (element.empty()) break;
                if (!go_on(read(element))) return std::move(told_);
            }
        }
        return std::move(told_);
    }

private:
    // One element: whether the next one counts.
    bool go_on(const std::optional<http::ForwardedElement>& element) {
        if (++hops_ > hops_max) return false;
        told_.names_client = told_.names_client || !element || !element->node.empty();
        if (element) {
            told_.proto = element->proto;
            told_.host = element->host;
        }
        const auto address = element ? address_of(element->node) : std::nullopt;
        if (!address) return false;
        told_.client = address->to_string();
        return proxies_.has(*address);
    }

    const TrustedProxies& proxies_;
    Told told_;
    int hops_ = 0;
};

// What the nearest proxy has said: the last value of all headers of this name.
std::string_view last_value(const http::Head& head, std::string_view text, std::string_view name) {
    for (const auto& header : std::views::reverse(head.headers())) {
        if (!equal_ignoring_case(header.name.of(text), name)) continue;
        auto list = header.value.of(text);
        const auto value = http::take_last(list);
        if (!value.empty()) return value;
    }
    return {};
}

// The value that two headers agree on, an empty one agreeing with any; nothing when they differ.
std::optional<std::string_view> common_of(std::string_view a, std::string_view b) {
    if (!a.empty() && !b.empty() && !equal_ignoring_case(a, b)) return {};
    return a.empty() ? b : a;
}

std::string_view scheme_of(std::string_view proto) {
    if (equal_ignoring_case(proto, "https")) return "https";
    if (equal_ignoring_case(proto, "http")) return "http";
    return {};
}

// What can stand before a path of ours: a host could go on before anything else.
bool is_prefix(std::string_view text) {
    const auto target = http::parse_target(text);
    return text.starts_with('/') && target && target->path == text;
}

}  // namespace

Result<Forwarding> read_forwarding(
    const http::Head& head,
    std::string_view text,
    const TrustedProxies& proxies,
    std::string_view peer
) {
    auto standard = Walk(proxies, peer).along(head, text, "forwarded", http::parse_forwarded);
    auto usual =
        Walk(proxies, peer).along(head, text, "x-forwarded-for", [](std::string_view element) {
            return std::optional(http::ForwardedElement{.node = element, .proto = {}, .host = {}});
        });
    if (standard.names_client && usual.names_client && standard.client != usual.client) {
        return fail(Errc::malformed, "Forwarded and X-Forwarded-For name different clients");
    }
    const auto proto = common_of(standard.proto, last_value(head, text, "x-forwarded-proto"));
    if (!proto) return fail(Errc::malformed, "Forwarded and X-Forwarded-Proto differ");
    const auto host = common_of(standard.host, last_value(head, text, "x-forwarded-host"));
    if (!host) return fail(Errc::malformed, "Forwarded and X-Forwarded-Host differ");
    auto prefix = last_value(head, text, "x-forwarded-prefix");
    if (!is_prefix(prefix)) prefix = {};
    auto& told = standard.names_client ? standard : usual;
    return Forwarding{
        .client = std::move(told.client),
        .scheme = std::string(scheme_of(*proto)),
        .host = std::string(*host),
        .prefix = std::string(prefix)
    };
}

}  // namespace gw::web
