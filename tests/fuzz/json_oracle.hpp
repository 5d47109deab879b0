#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>

// Another reader of JSON, to compare ours with: simdjson's DOM, which checks all of a text.
namespace gw::fuzz {

// The input, changed so that both readers must agree on it. simdjson refuses numbers that it cannot
// hold, so runs of digits are cut to 15, and to 2 where they may be an exponent.
inline std::string comparable(const std::uint8_t* data, std::size_t size) {
    std::string text;
    std::size_t digits = 0;
    std::size_t digits_max = 15;
    for (std::size_t i = 0; i < size; ++i) {
        const char c = static_cast<char>(data[i]);
        if (c >= '0' && c <= '9') {
            if (digits++ < digits_max) text.push_back(c);
            continue;
        }
        const bool is_exponent =
            c == 'e' || c == 'E' ||
            ((c == '+' || c == '-') && !text.empty() && (text.back() | 0x20) == 'e');
        digits = 0;
        digits_max = is_exponent ? 2 : 15;
        text.push_back(c);
    }
    return text;
}

// simdjson has its own limit of depth, which is higher.
inline bool may_be_too_deep(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return c == '[' || c == '{'; }) > 64;
}

// The code unit of the escape that stands at `at`; 0 when there is none.
inline unsigned escaped_unit(std::string_view text, std::size_t at) {
    const auto digits = text.substr(std::min(at, text.size())).substr(0, 6);
    if (digits.size() != 6 || !digits.starts_with("\\u")) return 0;
    if (digits.find_first_not_of("0123456789abcdefABCDEF", 2) != digits.npos) return 0;
    return static_cast<unsigned>(std::stoul(std::string(digits.substr(2)), nullptr, 16));
}

// What simdjson reads in place of `text`: it refuses most surrogates that stand alone, which the
// grammar allows, so their escapes become that of U+FFFD, which is how we read them.
inline std::string readable(std::string text) {
    const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
    const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };
    for (std::size_t at = 0; (at = text.find('\\', at)) != text.npos; at += 2) {
        const auto unit = escaped_unit(text, at);
        if (is_high(unit) && is_low(escaped_unit(text, at + 6))) {
            at += 10;
        } else if (is_high(unit) || is_low(unit)) {
            text.replace(at, 6, "\\ufffd");
        }
    }
    return text;
}

}  // namespace gw::fuzz
