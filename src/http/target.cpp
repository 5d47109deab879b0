#include "http/target.hpp"

#include "base/ascii.hpp"
#include "http/impl/tokens.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace gw::http {

namespace {

constexpr std::uint8_t in_path = 1;
constexpr std::uint8_t in_query = 2;
constexpr std::uint8_t in_host = 4;
constexpr std::uint8_t in_segment = 8;  // In paths, and neither the slash nor the dot.

// RFC 3986, appendix A: pchar, query and reg-name, without the escapes. Paths go without ';', and
// queries may hold brackets, braces and bars, which clients send unescaped.
constexpr auto byte_uses = [] {
    std::array<std::uint8_t, 256> uses{};
    const auto allow = [&uses](std::string_view bytes, std::uint8_t where) {
        for (const char c : bytes)
            uses[static_cast<unsigned char>(c)] |= where;
    };
    allow("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~", 15);
    allow(".", in_path | in_query | in_host);
    allow("!$&'()*+,=:@", in_path | in_query | in_segment);
    allow("/", in_path | in_query);
    allow(";?[]{}|^`\"<>", in_query);
    return uses;
}();

bool is_allowed(char byte, std::uint8_t where) {
    return (byte_uses[static_cast<unsigned char>(byte)] & where) != 0;
}

// The byte that the escape at `at` stands for, or -1.
int unescaped(std::string_view text, std::size_t at) {
    if (text.size() - at < 3) return -1;
    const int high = impl::hex_value(text[at + 1]);
    const int low = impl::hex_value(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_hidden(int byte) {
    return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\';
}

// Each segment holds something besides dots and escaped dots.
bool is_plain_path(std::string_view path) {
    std::size_t dots = 0;  // In this segment, up to here.
    std::size_t others = 1;
    const auto ends_plainly = [&] { return others != 0 || dots > 2; };
    for (std::size_t at = 0; at < path.size(); ++at) {
        const auto begin = at;
        while (at < path.size() && is_allowed(path[at], in_segment))
            ++at;
        others += at - begin;
        if (at == path.size()) break;
        int byte = static_cast<unsigned char>(path[at]);
        if (byte == '/') {
            if (!ends_plainly()) return false;
            dots = others = 0;
            continue;
        }
        if (byte == '%') {
            byte = unescaped(path, at);
            if (is_hidden(byte)) return false;
            at += 2;
        } else if (!is_allowed(path[at], in_path)) {
            return false;
        }
        ++(byte == '.' ? dots : others);
    }
    return ends_plainly() || dots == 0;  // A slash may be the last byte.
}

bool is_query(std::string_view query) {
    for (std::size_t at = 0; at < query.size(); ++at) {
        if (query[at] == '%') {
            if (unescaped(query, at) < 0) return false;
            at += 2;
        } else if (!is_allowed(query[at], in_query)) {
            return false;
        }
    }
    return true;
}

// RFC 9112, 3.2.2: cuts "http://authority" off; false when the target has no such beginning.
bool take_authority(std::string_view& target, std::string_view& authority) {
    const auto scheme = target.substr(0, target.find(':'));
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) return false;
    target.remove_prefix(scheme.size());
    if (!target.starts_with("://")) return false;
    target.remove_prefix(3);
    authority = target.substr(0, target.find_first_of("/?#"));
    target.remove_prefix(authority.size());
    return !host_of(authority).empty();
}

bool is_ipv6_literal(std::string_view host) {
    return host.size() > 4 && std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
               return impl::hex_value(c) >= 0 || c == ':' || c == '.';
           });
}

// Where the host ends: at the colon before the port, or at the end.
std::size_t host_size(std::string_view authority) {
    if (!authority.starts_with('[')) return std::min(authority.find(':'), authority.size());
    const auto bracket = authority.find(']');
    return bracket == std::string_view::npos ? authority.size() : bracket + 1;
}

// RFC 3986, 3.2.3: port = *DIGIT; what follows the host, colon included, may be empty.
bool is_port(std::string_view rest, std::optional<std::uint16_t>& port) {
    if (rest.empty() || rest == ":") return true;
    if (rest.front() != ':' || rest.size() > 6) return false;
    const auto digits = rest.substr(1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    port = number;
    return true;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
    Target parsed;
    if (!target.starts_with('/') && !take_authority(target, parsed.authority)) {
        return fail(Errc::not_found, "no such path");
    }
    const auto question = target.find('?');
    parsed.path = target.substr(0, question);
    if (question != std::string_view::npos) parsed.query = target.substr(question + 1);
    if (parsed.path.empty()) parsed.path = "/";  // Only in an absolute-form.
    if (!is_plain_path(parsed.path) || !is_query(parsed.query)) {
        return fail(Errc::not_found, "no such path");
    }
    return parsed;
}

std::string_view host_of(std::string_view authority) {
    const auto host = authority.substr(0, host_size(authority));
    std::optional<std::uint16_t> port;
    if (!is_port(authority.substr(host.size()), port)) return {};
    if (host.starts_with('[')) {
        return host.ends_with(']') && is_ipv6_literal(host) ? host : std::string_view();
    }
    const bool is_name = std::ranges::all_of(host, [](char c) { return is_allowed(c, in_host); });
    return is_name ? host : std::string_view();
}

std::optional<std::uint16_t> port_of(std::string_view authority) {
    std::optional<std::uint16_t> port;
    const auto host = host_of(authority);
    if (!host.empty() && !is_port(authority.substr(host.size()), port)) return std::nullopt;
    return port;
}

bool is_loopback_host(std::string_view host) {
    if (equal_ignoring_case(host, "localhost") || host == "[::1]") return true;
    int numbers = 0;
    bool is_loopback = true;
    while (numbers < 4 && is_loopback) {
        const auto dot = host.find('.');
        const auto digits = host.substr(0, dot);
        unsigned number = 256;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        is_loopback = error == std::errc() && end == digits.data() + digits.size() &&
                      number < 256 && (digits.size() == 1 || digits.front() != '0') &&
                      (numbers > 0 || number == 127);
        ++numbers;
        if (dot == std::string_view::npos) return is_loopback && numbers == 4;
        host.remove_prefix(dot + 1);
    }
    return false;
}

}  // namespace gw::http
