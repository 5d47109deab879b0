#include "base/unicode.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(Unicode, every_code_point_is_written_as_utf8_of_its_size) {
    for (char32_t code = 0; code <= 0x10FFFF; ++code) {
        if (code >= 0xD800 && code <= 0xDFFF) continue;
        std::string text;
        append_utf8(text, code);
        const std::size_t expected = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        ASSERT_EQ(text.size(), expected) << std::hex << static_cast<unsigned>(code);
        ASSERT_EQ(utf8_size(text), expected) << std::hex << static_cast<unsigned>(code);
        ASSERT_EQ(utf8_size(text.substr(0, expected - 1)), 0U);
    }
}

// Every sequence of up to four bytes that takes part in a limit of RFC 3629.
TEST(Unicode, what_is_not_utf8_has_no_size) {
    for (const std::string text :
         {"",
          "\x80",
          "\xbf",
          "\xc0\x80",
          "\xc1\xbf",
          "\xc2",
          "\xc2\x41",
          "\xc2\xc0",
          "\xe0\x9f\xbf",
          "\xe1\x80",
          "\xe1\x80\x41",
          "\xe1\x41\x80",
          "\xed\xa0\x80",
          "\xed\xbf\xbf",
          "\xf0\x8f\xbf\xbf",
          "\xf1\x80\x80",
          "\xf1\x80\x80\xc0",
          "\xf1\x80\xc0\x80",
          "\xf1\xc0\x80\x80",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\xff"}) {
        EXPECT_EQ(utf8_size(text), 0U) << testing::PrintToString(text);
    }
}

TEST(Unicode, an_escape_is_one_code_point_even_when_it_is_a_pair) {
    const auto taken = [](std::string_view text) {
        const auto code = take_escaped(text);
        return code ? std::to_string(static_cast<unsigned>(*code)) + "|" + std::string(text) : "-";
    };
    EXPECT_EQ(taken("0041rest"), "65|rest");
    EXPECT_EQ(taken("FfFfx"), "65535|x");
    EXPECT_EQ(taken("d83d\\ude00x"), "128512|x");
    EXPECT_EQ(taken("dbff\\udfff"), "1114111|");
    for (const auto* text : {"", "004", "00g1", "+041", " 041", "d83", "d83g"}) {
        EXPECT_EQ(taken(text), "-") << text;
    }
}

TEST(Unicode, a_surrogate_that_stands_alone_is_replaced_and_takes_nothing_else_with_it) {
    for (const std::string_view behind :
         {"", "x", "\\", "\\n", "\\u", "\\u004", "\\u0041", "\\ud83d", "\\ud83d\\ude00"}) {
        auto rest = "d83d" + std::string(behind);
        std::string_view view = rest;
        EXPECT_EQ(take_escaped(view), U'\uFFFD') << rest;
        EXPECT_EQ(view, behind);
    }
    for (const std::string_view low : {"dc00", "DFFF\\ud83d", "de00\\ude00"}) {
        auto view = low;
        EXPECT_EQ(take_escaped(view), U'\uFFFD') << low;
        EXPECT_EQ(view, low.substr(4));
    }
}

}  // namespace
}  // namespace gw::test
