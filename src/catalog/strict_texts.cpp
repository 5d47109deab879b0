#include "catalog/strict_texts.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>

namespace gw::catalog {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes the digits of a number with a fixed width, and what stands behind it; nothing when they are
// not there, or it is over `most`.
std::optional<unsigned> take(
    std::string_view& text, std::size_t width, unsigned most, std::string_view behind = ""
) {
    unsigned number = 0;
    if (text.size() < width || !std::ranges::all_of(text.substr(0, width), is_digit)) return {};
    std::from_chars(text.data(), text.data() + width, number);
    text.remove_prefix(width);
    if (number > most || !text.starts_with(behind)) return {};
    text.remove_prefix(behind.size());
    return number;
}

bool is_offset(std::string_view text) {
    if (text == "Z") return true;
    if (!text.starts_with('+') && !text.starts_with('-')) return false;
    text.remove_prefix(1);
    return take(text, 2, 23, ":") && take(text, 2, 59) && text.empty();
}

bool is_port(std::string_view text) {
    constexpr unsigned most = 65535;
    unsigned port = 0;
    const auto read = std::from_chars(text.begin(), text.end(), port);
    return text.empty() || (read.ec == std::errc() && read.ptr == text.end() && port <= most);
}

// What may not stand in a host (WHATWG URL, Forbidden Host Code Points).
bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        return text.size() > 3 && text.ends_with(']') &&
               text.find_first_not_of("0123456789abcdefABCDEF:.", 1) == text.size() - 1;
    }
    return std::ranges::none_of(text, [](char c) {
        return c == '\0' || std::string_view("\t\n\r #/:<>?@[\\]^|").contains(c);
    });
}

// user@host:port
bool is_authority(std::string_view text, bool needs_host) {
    if (const auto at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
    const auto bracket = text.rfind(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const auto host = text.substr(0, colon);
    if (host.empty()) return !needs_host && colon == std::string_view::npos;
    return is_host(host) && (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

}  // namespace

bool is_timestamp(std::string_view text) {
    const auto year = take(text, 4, 9999, "-");
    const auto month = year ? take(text, 2, 12, "-") : std::nullopt;
    const auto day = month ? take(text, 2, 31, "T") : std::nullopt;
    if (!day) return false;
    using namespace std::chrono;
    const year_month_day date(
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(*month),
        std::chrono::day(*day)
    );
    if (!date.ok()) return false;
    if (!take(text, 2, 23, ":") || !take(text, 2, 59, ":") || !take(text, 2, 59)) return false;
    if (text.starts_with('.')) {
        const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
        if (end == 1) return false;
        text.remove_prefix(end);
    }
    return is_offset(text);
}

bool is_uri(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return false;
    const auto scheme = text.substr(0, colon);
    const bool is_scheme = std::ranges::all_of(scheme, [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    if (!is_scheme) return false;
    constexpr std::array<std::string_view, 5> with_host{"http", "https", "ws", "wss", "ftp"};
    const bool needs_host = std::ranges::any_of(with_host, [&](std::string_view each) {
        return equal_ignoring_case(scheme, each);
    });
    auto rest = text.substr(colon + 1);
    if (!needs_host && !rest.starts_with("//")) return true;
    // How many slashes stand before the host matters to those schemes only that may have none.
    const auto slashes = needs_host ? rest.find_first_not_of('/') : 2;
    rest.remove_prefix(std::min(slashes, rest.size()));
    return is_authority(rest.substr(0, rest.find_first_of("/?#")), needs_host);
}

bool is_integer(std::string_view number) {
    constexpr double limit = 9223372036854775808.0;  // 2^63
    double value = 0;
    const auto read = std::from_chars(number.begin(), number.end(), value);
    return read.ec == std::errc() && read.ptr == number.end() && std::trunc(value) == value &&
           std::fabs(value) < limit;
}

}  // namespace gw::catalog
