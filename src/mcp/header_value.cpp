#include "mcp/header_value.hpp"

#include "base/unicode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gw::mcp {

namespace {

constexpr std::string_view begin_mark = "=?base64?";
constexpr std::string_view end_mark = "?=";
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_visible_or_space(char c) {
    return c >= ' ' && c <= '~';
}

bool has_marks(std::string_view value) {
    return value.starts_with(begin_mark) && value.ends_with(end_mark);
}

bool is_plain(std::string_view value) {
    return std::ranges::all_of(value, is_visible_or_space) && !value.starts_with(' ') &&
           !value.ends_with(' ') && !has_marks(value);
}

// RFC 4648, section 4: four characters for three bytes, padded with "=".
std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= bytes.size() ? alphabet[group >> (18 - 6 * i) & 63U] : '=';
        }
    }
    return text;
}

// Without padding; the bits that are left over are not looked at.
Result<std::string> from_digits(std::string_view digits) {
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char digit : digits) {
        const auto value = alphabet.find(digit);
        if (value == std::string_view::npos) return fail(Errc::header_mismatch, "invalid base64");
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
    }
    return bytes;
}

// Only what to_base64() writes: two spellings of one value would pass a filter by one of them.
Result<std::string> from_base64(std::string_view text) {
    const auto padding = text.size() - (text.find_last_not_of('=') + 1);
    GW_TRY(auto bytes, from_digits(text.substr(0, text.size() - padding)));
    if (to_base64(bytes) == text) return bytes;
    return fail(Errc::header_mismatch, "invalid base64");
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto size = utf8_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace

std::string encode_header_value(std::string_view value) {
    if (is_plain(value)) return std::string(value);
    return std::string(begin_mark) + to_base64(value) + std::string(end_mark);
}

Result<std::string> decode_header_value(std::string_view value) {
    if (!std::ranges::all_of(value, [](char c) { return is_visible_or_space(c) || c == '\t'; })) {
        return fail(Errc::header_mismatch, "it has characters that are not allowed there");
    }
    if (!has_marks(value)) return std::string(value);
    if (value.size() < begin_mark.size() + end_mark.size()) {
        return fail(Errc::header_mismatch, "invalid base64");
    }
    value.remove_prefix(begin_mark.size());
    value.remove_suffix(end_mark.size());
    GW_TRY(auto decoded, from_base64(value));
    if (!is_utf8(decoded)) return fail(Errc::header_mismatch, "its base64 is not UTF-8");
    return decoded;
}

}  // namespace gw::mcp
