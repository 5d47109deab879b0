#include "base/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gw {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Without padding; the bits that are left over are not looked at.
std::optional<std::string> from_digits(std::string_view digits) {
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char digit : digits) {
        const auto value = alphabet.find(digit);
        if (value == std::string_view::npos) return {};
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
    }
    return bytes;
}

}  // namespace

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

std::optional<std::string> from_base64(std::string_view text) {
    const auto padding = text.size() - (text.find_last_not_of('=') + 1);
    auto bytes = from_digits(text.substr(0, text.size() - padding));
    if (bytes && to_base64(*bytes) == text) return bytes;
    return {};
}

}  // namespace gw
