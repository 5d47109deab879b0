#include "base/text_digest.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

// From another implementation (hashlib.blake2b): ids made of it last longer than a process.
TEST(text_digest, is_blake2b_of_the_size_that_was_asked_for) {
    EXPECT_EQ(to_hex(text_digest<16>("abc")), "cf4ab791c62b8d2b2109c90275287816");
    EXPECT_EQ(
        to_hex(text_digest<32>("abc")),
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
    );
    EXPECT_NE(text_digest<16>(""), text_digest<16>(std::string_view("\0", 1)));
}

TEST(to_hex, has_two_lower_case_digits_for_each_byte) {
    EXPECT_EQ(to_hex(std::array<unsigned char, 3>{0x00, 0x0a, 0xff}), "000aff");
    EXPECT_EQ(to_hex(std::span<const unsigned char>()), "");
}

}  // namespace
}  // namespace gw::test
