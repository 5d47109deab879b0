#include "mcp/header_value.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

std::string decoded(std::string_view value) {
    const auto text = mcp::decode_header_value(value);
    return text ? *text : to_string(text.error());
}

// The table of the specification.
TEST(HeaderValue, is_plain_or_base64) {
    EXPECT_EQ(mcp::encode_header_value("us-west1"), "us-west1");
    EXPECT_EQ(mcp::encode_header_value("Seattle, WA"), "Seattle, WA");
    EXPECT_EQ(mcp::encode_header_value(""), "");
    EXPECT_EQ(mcp::encode_header_value("Hello, \u4e16\u754c"), "=?base64?SGVsbG8sIOS4lueVjA==?=");
    EXPECT_EQ(mcp::encode_header_value(" padded "), "=?base64?IHBhZGRlZCA=?=");
    EXPECT_EQ(mcp::encode_header_value("line1\nline2"), "=?base64?bGluZTEKbGluZTI=?=");
    EXPECT_EQ(
        mcp::encode_header_value("=?base64?literal?="), "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="
    );
    EXPECT_EQ(mcp::encode_header_value("=?base64?="), "=?base64?PT9iYXNlNjQ/PQ==?=");
}

TEST(HeaderValue, is_read_as_it_was_written) {
    for (const std::string_view text :
         {"", "a", "ab", "abc", "abcd", " ", "\t", "\x7F", "\u00fc", "=?base64?=", "=?base64?\?="
         }) {
        EXPECT_EQ(decoded(mcp::encode_header_value(text)), text);
    }
    const std::string nul("a\0b", 3);
    EXPECT_EQ(decoded(mcp::encode_header_value(nul)), nul);
}

TEST(HeaderValue, is_literal_without_both_marks) {
    for (const auto* text :
         {"=?base64?YQ==", "YQ==?=", "=?BASE64?YQ==?=", "=?base64 YQ==?=", "?="}) {
        EXPECT_EQ(decoded(text), text);
    }
    EXPECT_EQ(decoded("=?base64?\?="), "");
}

TEST(HeaderValue, has_one_spelling_in_base64) {
    for (const auto* text :
         {"YQ", "YQ=", "YQ===", "YR==", "=", "====", "Y", "Y Q=", "YQ==YQ==", "-_-_"}) {
        EXPECT_EQ(
            decoded("=?base64?" + std::string(text) + "?="), "header_mismatch: invalid base64"
        ) << text;
    }
    EXPECT_EQ(decoded("=?base64?="), "header_mismatch: invalid base64");
}

TEST(HeaderValue, is_visible_ascii_and_utf8_behind_it) {
    EXPECT_EQ(decoded("a\tb"), "a\tb");
    for (const auto* text : {"\u00fc", "a\x01", "a\x7F", "\xFF"}) {
        EXPECT_EQ(decoded(text), "header_mismatch: it has characters that are not allowed there");
    }
    EXPECT_EQ(decoded("=?base64?/w==?="), "header_mismatch: its base64 is not UTF-8");
}

}  // namespace
}  // namespace gw::test
