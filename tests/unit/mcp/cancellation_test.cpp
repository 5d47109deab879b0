#include "mcp/cancellation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

TEST(Cancellation, has_the_reason_that_was_given) {
    EXPECT_EQ(mcp::cancelled_reason(R"("the \"user\" left")"), R"(the "user" left)");
}

TEST(Cancellation, has_none_when_that_is_no_string) {
    for (const auto* reason : {"", "{}", "7", R"(["a"])", "null"})
        EXPECT_EQ(mcp::cancelled_reason(reason), "") << reason;
}

TEST(Cancellation, cuts_a_long_reason_between_characters) {
    const std::string long_one = "a" + [] {
        std::string text;
        for (int i = 0; i < 1000; ++i)
            text += "\u00e9";
        return text;
    }();
    const auto reason = mcp::cancelled_reason("\"" + long_one + "\"");
    EXPECT_EQ(reason, long_one.substr(0, mcp::reason_bytes_max - 1));
}

TEST(Cancellation, passes_half_characters_as_what_they_are_not) {
    EXPECT_EQ(mcp::cancelled_reason(R"("\ud83d")"), "\uFFFD");
}

TEST(Cancellation, is_written_with_its_reason_if_there_is_one) {
    EXPECT_EQ(mcp::cancelled_params("7", ""), R"({"requestId":7})");
    EXPECT_EQ(mcp::cancelled_params("\"a\"", "b\"c"), R"({"requestId":"a","reason":"b\"c"})");
}

}  // namespace
}  // namespace gw::test
