#include "http/forwarded.hpp"

#include "base/ascii.hpp"
#include "http/impl/tokens.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <cstddef>

namespace gw::http {

namespace {

// Where the quoted string begins whose closing quote is the last byte of `text`; 0 when it does
// not.
std::size_t opening_quote(std::string_view text) {
    auto at = text.size() - 1;
    while (at > 0) {
        if (text[--at] != '"') continue;
        std::size_t escapes = 0;
        while (escapes < at && text[at - escapes - 1] == '\\')
            ++escapes;
        if (escapes % 2 == 0) return at;
        at -= escapes;
    }
    return 0;
}

// The rest of `text` up to the separator, which is cut off as well.
std::string_view take_pair(std::string_view& text) {
    std::size_t end = 0;
    for (bool is_quoted = false; end < text.size() && (is_quoted || text[end] != ';'); ++end) {
        if (text[end] == '"') is_quoted = !is_quoted;
    }
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trim(pair);
}

// value = token / quoted-string. Many write an address with its port, or in brackets, as a token.
std::optional<std::string_view> parse_value(std::string_view text) {
    if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
        text = text.substr(1, text.size() - 2);
    }
    const bool is_plain = std::ranges::none_of(text, [](char c) {
        return c == '"' || c == '\\' || c == ' ' || c == '\t';
    });
    if (text.empty() || !is_plain) return {};
    return text;
}

// RFC 7239, 6.2 and 6.3: node-port = port / obfport
bool is_port(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.starts_with('_')) return impl::is_token(text);
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

}  // namespace

std::string_view take_last(std::string_view& list) {
    while (!list.empty()) {
        auto begin = list.size();
        while (begin > 0 && list[begin - 1] != ',') {
            begin = list[begin - 1] == '"' ? opening_quote(list.substr(0, begin)) : begin - 1;
        }
        const auto element = trim(list.substr(begin));
        list = list.substr(0, begin == 0 ? 0 : begin - 1);
        if (!element.empty()) return element;
    }
    return {};
}

// RFC 7239, 4: forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
std::optional<ForwardedElement> parse_forwarded(std::string_view element) {
    ForwardedElement parsed;
    std::string_view other;
    while (!element.empty()) {
        const auto pair = take_pair(element);
        if (pair.empty()) continue;
        const auto name = pair.substr(0, pair.find('='));
        if (name.size() == pair.size() || !impl::is_token(name)) return {};
        const auto value = parse_value(pair.substr(name.size() + 1));
        if (!value) return {};
        auto& place = equal_ignoring_case(name, "for")     ? parsed.node
                      : equal_ignoring_case(name, "proto") ? parsed.proto
                      : equal_ignoring_case(name, "host")  ? parsed.host
                                                           : other;
        if (!place.empty()) return {};
        place = *value;
        other = {};
    }
    return parsed;
}

std::string_view host_of_node(std::string_view node) {
    const auto bracket = node.starts_with('[') ? node.find(']') : std::string_view::npos;
    const bool has_brackets = bracket != std::string_view::npos;
    if (node.starts_with('[') && !has_brackets) return {};
    const auto colon = node.find(':', has_brackets ? bracket : 0);
    const bool is_bare_ipv6 = !has_brackets && std::ranges::count(node, ':') > 1;
    if (is_bare_ipv6) return node;
    if (colon != std::string_view::npos && !is_port(node.substr(colon + 1))) return {};
    const auto host = node.substr(0, colon);
    if (!has_brackets) return host;
    return host.size() == bracket + 1 ? host.substr(1, bracket - 1) : std::string_view();
}

}  // namespace gw::http
