#include "app/grammar.hpp"

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "net/listen_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <string>

namespace gw::app {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_visible(char c) {
    return c > 0x20 && c < 0x7F;
}

// A letter, a digit or one of `others`.
bool is_word(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [&](char c) {
        return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_ipv6(std::string_view text) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

// Cuts `prefix` off, if it is there.
bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// Takes a host off the front of `text`.
std::optional<std::string_view> take_host(std::string_view& text) {
    if (take(text, "[")) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6(text.substr(0, end))) return std::nullopt;
        const auto host = text.substr(0, end);
        text.remove_prefix(end + 1);
        return host;
    }
    const auto host = text.substr(0, text.find(':'));
    if (host.empty() || host.size() > 255 || !is_word(host, "-._")) return std::nullopt;
    text.remove_prefix(host.size());
    return host;
}

}  // namespace

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > 64 || !is_word(text, "._-")) return false;
    return is_letter(text.front()) || is_digit(text.front());
}

std::optional<HostPort> split_host_port(std::string_view text) {
    const auto host = take_host(text);
    if (!host) return std::nullopt;
    if (text.empty()) return HostPort{*host, std::nullopt};
    // As many digits as http::host_of() takes: what is right here has to be right there.
    if (!take(text, ":") || text.size() > 5) return std::nullopt;
    std::uint16_t port = 0;
    const auto* begin = text.data();
    const auto* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, port);
    if (error != std::errc() || stop != end) return std::nullopt;
    return HostPort{*host, port};
}

bool is_host_port(std::string_view text) {
    return split_host_port(text).has_value();
}

bool is_listen_address(std::string_view text) {
    return net::parse_listen_address(text).has_value();
}

bool is_listen_address_or_none(std::string_view text) {
    return text == "none" || is_listen_address(text);
}

bool is_origin(std::string_view text) {
    const auto scheme = text.substr(0, text.find("://"));
    if (scheme.empty() || scheme.size() == text.size()) return false;
    if (!is_letter(scheme.front()) || !is_word(scheme, "+-.")) return false;
    return is_host_port(text.substr(scheme.size() + 3));
}

namespace {

// Port 0 is for the system to choose where one listens; nobody can connect to it.
bool is_destination(std::string_view text) {
    const auto parts = split_host_port(text);
    return parts && parts->port != std::uint16_t{0};
}

}  // namespace

bool is_http_url(std::string_view text) {
    if (!take(text, "http://") && !take(text, "https://")) return false;
    const auto authority = text.substr(0, text.find_first_of("/?"));
    const auto rest = text.substr(authority.size());
    return is_destination(authority) &&
           std::ranges::all_of(rest, [](char c) { return is_visible(c) && c != '#' && c != '\\'; });
}

bool is_proxy_url(std::string_view text) {
    if (!take(text, "http://") || !std::ranges::all_of(text, is_visible)) return false;
    if (text.ends_with('/')) text.remove_suffix(1);
    const auto userinfo = text.rfind('@');
    if (userinfo != std::string_view::npos) {
        if (text.substr(0, userinfo).find_first_of("/?#@") != std::string_view::npos) return false;
        text.remove_prefix(userinfo + 1);
    }
    return is_destination(text);
}

bool is_header_name(std::string_view text) {
    return !text.empty() && text.size() <= 256 && is_word(text, "!#$%&'*+-.^_`|~");
}

bool is_header_value(std::string_view text) {
    if (text.empty()) return true;
    if (!is_visible(text.front()) || !is_visible(text.back())) return false;
    return std::ranges::all_of(text, [](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

bool is_own_header(std::string_view name) {
    static constexpr std::array names = std::to_array<std::string_view>(
        {"accept",
         "accept-encoding",
         "connection",
         "content-encoding",
         "content-length",
         "content-type",
         "expect",
         "host",
         "keep-alive",
         "last-event-id",
         "proxy-authorization",
         "proxy-connection",
         "te",
         "trailer",
         "transfer-encoding",
         "upgrade"}
    );
    const auto lowered = to_lower(name);
    return lowered.starts_with("mcp-") || std::ranges::find(names, lowered) != names.end();
}

bool is_variable_name(std::string_view text) {
    return !text.empty() && !is_digit(text.front()) && is_word(text, "_");
}

std::optional<bool> parse_flag(std::string_view text) {
    constexpr auto yes = std::to_array<std::string_view>({"true", "1", "yes", "on", "y", "t"});
    constexpr auto no = std::to_array<std::string_view>({"false", "0", "no", "off", "n", "f"});
    const auto word = to_lower(text);
    if (std::ranges::find(yes, word) != yes.end()) return true;
    if (std::ranges::find(no, word) != no.end()) return false;
    return std::nullopt;
}

bool is_text_file(std::string_view text) {
    while (!text.empty()) {
        const char c = text.front();
        const bool is_control = (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r');
        const auto size = utf8_size(text);
        if (is_control || c == 0x7F || size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace gw::app
