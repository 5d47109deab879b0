#include "base/unicode.hpp"

#include "base/assert.hpp"

#include <cstdint>

namespace gw {

namespace {

bool is_surrogate(char32_t code) {
    return code >= 0xD800 && code <= 0xDFFF;
}

bool is_between(char c, unsigned low, unsigned high) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= low && byte <= high;
}

bool is_tail(char c) {
    return is_between(c, 0x80, 0xBF);
}

// The value of a hexadecimal digit; 16 or more when it is none.
std::uint32_t hex_value(char digit) {
    const auto byte = static_cast<unsigned char>(digit);
    if (byte >= '0' && byte <= '9') return byte - '0';
    const auto letter = byte | 0x20U;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
}

// 4HEXDIG
std::optional<char32_t> take_hex4(std::string_view& rest) {
    if (rest.size() < 4) return {};
    std::uint32_t unit = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto digit = hex_value(rest[i]);
        if (digit > 15) return {};
        unit = unit << 4U | digit;
    }
    rest.remove_prefix(4);
    return unit;
}

}  // namespace

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && is_tail(text[bytes_max]))
        --bytes_max;
    return text.substr(0, bytes_max);
}

// RFC 3629, section 4:
//   UTF8-2 = %xC2-DF UTF8-tail
//   UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) /
//            %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
//   UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
std::size_t utf8_size(std::string_view text) {
    if (text.empty()) return 0;
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return text.size() >= 2 && is_tail(text[1]) ? 2 : 0;
    if (lead < 0xF0) {
        if (text.size() < 3 || !is_tail(text[2])) return 0;
        return is_between(text[1], lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) ? 3 : 0;
    }
    if (lead > 0xF4 || text.size() < 4 || !is_tail(text[2]) || !is_tail(text[3])) return 0;
    return is_between(text[1], lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) ? 4 : 0;
}

// RFC 8259, section 7: a character outside the Basic Multilingual Plane is two escapes, the UTF-16
// surrogate pair. Section 8.2: the grammar allows "bit sequences that cannot encode Unicode
// characters; for example, "\uDEAD"", and JavaScript writes them when it has cut a text.
std::optional<char32_t> take_escaped(std::string_view& rest) {
    const auto first = take_hex4(rest);
    if (!first || !is_surrogate(*first)) return first;
    auto behind = rest;
    if (*first > 0xDBFF || !behind.starts_with("\\u")) return U'\uFFFD';
    behind.remove_prefix(2);
    const auto second = take_hex4(behind);
    if (!second || *second < 0xDC00 || *second > 0xDFFF) return U'\uFFFD';
    rest = behind;
    return 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00);
}

void append_utf8(std::string& out, char32_t code) {
    GW_ASSERT(code <= 0x10FFFF && !is_surrogate(code));
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0U | code >> 6U);
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
    }
    put(0x80U | (code & 0x3FU));
}

}  // namespace gw
