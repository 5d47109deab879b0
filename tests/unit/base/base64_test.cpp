#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

// RFC 4648, section 10.
TEST(Base64, is_that_of_the_specification) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("\xFB\xFF"), "+/8=");
}

TEST(Base64, is_read_as_it_was_written) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes) << i;
        bytes += static_cast<char>(i);
    }
}

TEST(Base64, has_one_spelling) {
    for (const auto* text :
         {"YQ", "YQ=", "YQ===", "YR==", "=", "====", "Y", "Y Q=", "YQ==YQ==", "-_-_"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace gw::test
