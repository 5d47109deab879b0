#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace gw::http::impl {

// RFC 9110, 5.6.2: token = 1*tchar
inline constexpr auto token_bytes = [] {
    std::array<bool, 256> is_token{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        is_token[static_cast<unsigned char>(c)] = true;
    for (unsigned c = '0'; c <= '9'; ++c)
        is_token[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c)
        is_token[c] = is_token[c - 'a' + 'A'] = true;
    return is_token;
}();

inline bool is_token_byte(char byte) {
    return token_bytes[static_cast<unsigned char>(byte)];
}

inline bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

// The value of a hexadecimal digit, or -1.
inline int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    const auto small = static_cast<char>(digit | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace gw::http::impl
