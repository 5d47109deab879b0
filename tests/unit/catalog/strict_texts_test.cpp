#include "catalog/strict_texts.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(StrictTexts, a_timestamp_has_a_day_that_there_is_seconds_and_an_offset) {
    for (const auto* text :
         {"2025-01-12T15:00:58Z",
          "2025-01-12T15:00:58.123456Z",
          "2024-02-29T00:00:00-23:59",
          "0001-12-31T23:59:59+00:00"}) {
        EXPECT_TRUE(catalog::is_timestamp(text)) << text;
    }
    for (const auto* text :
         {"",
          "2025-01-12",
          "2025-01-12T15:00:58",
          "2025-01-12T15:00:58.123456",
          "2025-01-12 15:00:58Z",
          "2025-01-12t15:00:58Z",
          "2025-01-12T15:00:58z",
          "2025-01-12T15:00Z",
          "2025-01-12T15:00:58.Z",
          "2025-01-12T15:00:60Z",
          "2025-01-12T24:00:00Z",
          "2025-01-12T15:00:58+24:00",
          "2025-01-12T15:00:58+0100",
          "2025-01-12T15:00:58Z ",
          "2025-02-29T00:00:00Z",
          "2025-13-01T00:00:00Z",
          "2025-00-01T00:00:00Z",
          "2025-04-31T00:00:00Z",
          "25-01-12T15:00:58Z",
          "yesterday"}) {
        EXPECT_FALSE(catalog::is_timestamp(text)) << text;
    }
}

TEST(StrictTexts, a_uri_has_a_scheme_and_a_host_and_port_that_can_be_ones) {
    for (const auto* text :
         {"a:b",
          "a:",
          "file:///a b",
          "urn:isbn:1",
          "note://why?",
          "db://users/me#1",
          "x+y-z.1://",
          "http://h:65535/x",
          "http://h:/",
          "http:h",
          "HTTPS://u:p@h/x",
          "http://[::1]:80/",
          "memo://\xc3\xa4/",
          "report://2026/11/28-77"}) {
        EXPECT_TRUE(catalog::is_uri(text)) << text;
    }
    for (const auto* text :
         {"",
          "users/me",
          "not a uri",
          "/etc/passwd",
          ":a",
          "1a:b",
          "a b:c",
          "http://",
          "http://h:99999/x",
          "http://h:x/",
          "x://h:99999",
          "x://a b/",
          "x://a<b",
          "x://:80",
          "http://[::1/",
          "http://[xyz]/"}) {
        EXPECT_FALSE(catalog::is_uri(text)) << text;
    }
}

TEST(StrictTexts, an_integer_may_be_written_as_a_fraction) {
    for (const auto* number : {"0", "-1", "12.0", "1e3", "1.5e1", "9007199254740993"})
        EXPECT_TRUE(catalog::is_integer(number)) << number;
    for (const auto* number : {"1.5", "1e400", "1e-400", "1e30", "\"1\"", "{}", "true", "null"})
        EXPECT_FALSE(catalog::is_integer(number)) << number;
}

}  // namespace
}  // namespace gw::test
