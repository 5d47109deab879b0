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

// simdjson has its own limit of depth, which is higher, and reads some lone surrogates.
inline bool may_be_too_deep(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return c == '[' || c == '{'; }) > 64;
}

inline bool has_surrogates(std::string_view text) {
    for (auto at = text.find("\\u"); at != text.npos; at = text.find("\\u", at + 1)) {
        if (at + 2 < text.size() && (text[at + 2] | 0x20) == 'd') return true;
    }
    return false;
}

}  // namespace gw::fuzz
