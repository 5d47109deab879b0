#include "mcp/header_value.hpp"

#include "base/base64.hpp"
#include "base/unicode.hpp"

#include <algorithm>
#include <utility>

namespace gw::mcp {

namespace {

constexpr std::string_view begin_mark = "=?base64?";
constexpr std::string_view end_mark = "?=";

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
    auto decoded = from_base64(value);
    if (!decoded) return fail(Errc::header_mismatch, "invalid base64");
    if (!is_utf8(*decoded)) return fail(Errc::header_mismatch, "its base64 is not UTF-8");
    return *std::move(decoded);
}

}  // namespace gw::mcp
