#include "app/token_line.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace gw::app::test {
namespace {

using namespace std::chrono_literals;

const std::string digits(64, 'a');

Result<Token> parsed(const std::string& words) {
    return parse_token_line("alice:sha256:" + digits + words);
}

std::string error(const std::string& words) {
    const auto token = parsed(words);
    return token ? "none" : token.error().text;
}

TEST(token_line, without_words_is_a_user_of_the_own_issuer) {
    const auto token = parsed("");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->name, "alice");
    EXPECT_EQ(token->subject, "alice");
    EXPECT_EQ(token->issuer, "bascule");
    EXPECT_FALSE(token->expires);
    EXPECT_EQ(token->server, "");
    EXPECT_TRUE(token->networks.empty());
}

TEST(token_line, says_in_words_what_else_there_is) {
    const auto token = parsed(
        "  subject=a.b@example.com\tissuer=https://id.example expires=2027-01-31T13:30:05Z "
        "server=team networks=10.0.0.0/8,::1"
    );
    ASSERT_TRUE(token) << token.error().text;
    EXPECT_EQ(token->subject, "a.b@example.com");
    EXPECT_EQ(token->issuer, "https://id.example");
    EXPECT_EQ(token->expires, WallTime(1'801'402'205s));
    EXPECT_EQ(token->server, "team");
    EXPECT_EQ(token->networks, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST(token_line, with_a_word_that_is_none_names_the_keys_that_there_are) {
    const std::string keys = "subject, issuer, expires, server, networks";
    EXPECT_EQ(error(" sujbect=a"), R"("sujbect" is no key of a token; there are )" + keys);
    for (const std::string word : {"subject", "=a", "Subject=a", "the_token_itself=", "a1b2c3=="})
        EXPECT_EQ(error(" " + word), "expected KEY=VALUE behind the hash; the keys are " + keys);
}

TEST(token_line, has_each_key_once) {
    EXPECT_EQ(error(" server=a subject=b server=a"), R"("server" stands twice)");
}

TEST(token_line, with_a_bad_value_names_its_key_and_nothing_else) {
    EXPECT_EQ(error(" subject="), R"("subject": expected 1 to 255 visible ASCII characters)");
    EXPECT_EQ(
        error(" issuer=" + std::string(256, 'x')),
        R"("issuer": expected 1 to 255 visible ASCII characters)"
    );
    EXPECT_EQ(error(" server="), R"("server": expected the id of a virtual server)");
    for (const std::string text : {"", ",", "10.0.0.0/8,", "10.0.0.0/33", "localhost", "::1,x"}) {
        EXPECT_EQ(
            error(" networks=" + text),
            R"("networks": expected networks or addresses such as 10.0.0.0/8,::1)"
        );
    }
}

TEST(token_line, ends_at_a_time_that_is_plain) {
    for (const std::string text :
         {"",
          "2027",
          "2027-01-31",
          "2027-01-31T00:00:00",
          "2027-01-31T00:00:00+01:00",
          "2027-01-31t00:00:00z",
          "2027-01-31T00:00:00Zx",
          "2027-1-31T00:00:00Z",
          "2027-02-29T00:00:00Z",
          "2027-13-01T00:00:00Z",
          "2027-00-01T00:00:00Z",
          "2027-01-31T24:00:00Z",
          "2027-01-31T00:60:00Z",
          "2027-01-31T00:00:60Z",
          "1969-12-31T23:59:59Z",
          "2262-01-01T00:00:00Z",
          "-027-01-31T00:00:00Z"}) {
        EXPECT_EQ(
            error(" expires=" + text),
            R"("expires": expected a time in UTC such as 2027-01-31T00:00:00Z)"
        ) << text;
    }
    EXPECT_EQ(parsed(" expires=1970-01-01T00:00:00Z")->expires, WallTime());
    EXPECT_EQ(parsed(" expires=2028-02-29T23:59:59Z")->expires, WallTime(1'835'481'599s));
    EXPECT_TRUE(parsed(" expires=2261-12-31T23:59:59Z"));
}

}  // namespace
}  // namespace gw::app::test
