#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(Ascii, has_no_case_in_a_comparison) {
    EXPECT_TRUE(equal_ignoring_case("aZ-1", "Az-1"));
    EXPECT_TRUE(equal_ignoring_case("", ""));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("ab", "a"));
}

TEST(Ascii, differs_where_only_the_bit_of_the_case_does) {
    EXPECT_FALSE(equal_ignoring_case("@", "`"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));
    EXPECT_FALSE(equal_ignoring_case("-", "\r"));
}

TEST(Ascii, leaves_every_other_byte_as_it_is) {
    EXPECT_EQ(to_lower("@AZ[ az\xC3\x84"), "@az[ az\xC3\x84");
    EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4"));
}

}  // namespace
}  // namespace gw::test
