#include "app/tokens.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

// SHA-256 of "abc" (FIPS 180-4, example).
const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string other(64, 'a');

std::string errors(std::string_view text) {
    const auto table = TokenTable::parse(text, "t");
    return table ? "none" : table.error().text;
}

TEST(tokens, find_the_name_of_a_token) {
    const auto table = TokenTable::parse("bob:sha256:" + other + "\nalice:sha256:" + abc, "t");
    ASSERT_TRUE(table);
    ASSERT_TRUE(table->find("abc"));
    EXPECT_EQ(table->tokens().at(*table->find("abc")).name, "alice");
}

TEST(tokens, find_nothing_for_another_text) {
    const auto table = TokenTable::parse("alice:sha256:" + abc, "t");
    ASSERT_TRUE(table);
    for (const std::string_view bearer : {"", "ab", "abcd", "ABC", "alice"})
        EXPECT_FALSE(table->find(bearer)) << bearer;
    EXPECT_FALSE(table->find(abc));
}

TEST(tokens, may_share_a_name) {
    const auto table =
        TokenTable::parse("alice:sha256:" + other + "\nalice:sha256:" + abc + "\n", "t");
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->find("abc"));
}

TEST(tokens, stand_among_comments_and_empty_lines) {
    const auto table =
        TokenTable::parse("# who\r\n\r\n  alice@example.com:sha256:" + abc + " # laptop\r\n", "t");
    ASSERT_TRUE(table) << table.error().text;
    EXPECT_EQ(table->tokens().at(*table->find("abc")).name, "alice@example.com");
}

TEST(tokens, report_every_bad_line_without_repeating_it) {
    const std::string expected = ": expected NAME:sha256: and 64 hexadecimal digits";
    EXPECT_EQ(errors("secret\n" + abc + "\n"), "t:1" + expected + "\nt:2" + expected);
    for (const std::string& line :
         {":sha256:" + abc,
          "a b:sha256:" + abc,
          "a:sha256:" + abc + "0",
          "a:sha256:" + abc.substr(2),
          "a:sha256:" + abc.substr(1) + "g",
          "a:sha1:" + abc,
          std::string("a:sha256:")}) {
        EXPECT_EQ(errors(line), "t:1" + expected) << line;
    }
}

TEST(tokens, have_one_name_each) {
    EXPECT_EQ(errors("a:sha256:" + abc + "\nb:sha256:" + abc), "t:2: the token of b appears twice");
}

TEST(tokens, may_all_be_gone) {
    const auto table = TokenTable::parse("# nobody any more\n", "t");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->size(), 0U);
    EXPECT_FALSE(table->find("abc"));
}

TEST(tokens, may_have_comments_behind_their_words_but_not_in_them) {
    const auto parse = [](const std::string& words) {
        const auto table = TokenTable::parse("alice:sha256:" + abc + words, "t");
        return table ? table->tokens().front().subject : table.error().text;
    };
    EXPECT_EQ(parse("# subject=x"), "alice");
    EXPECT_EQ(parse(" # subject=x"), "alice");
    EXPECT_EQ(parse(" subject=a # b"), "a");
    EXPECT_EQ(parse(" subject=a#b"), "a#b");
    EXPECT_EQ(parse(" subject=a#b # c#d"), "a#b");
}

TEST(tokens, are_the_same_in_two_files_but_for_what_is_said_of_them) {
    const auto table = [](const std::string& text) { return *TokenTable::parse(text, "t"); };
    const auto before = table("a:sha256:" + abc + "\nb:sha256:" + other);
    const auto common_with = [&](const std::string& after) {
        const auto common = table(after).common_with(before);
        return std::to_string(common.all) + " " + std::to_string(common.changed);
    };
    EXPECT_EQ(common_with("b:sha256:" + other + "\na:sha256:" + abc), "2 0");
    EXPECT_EQ(common_with("b:sha256:" + other + " subject=b"), "1 0");
    EXPECT_EQ(common_with("b:sha256:" + other + " subject=c"), "1 1");
    EXPECT_EQ(common_with("c:sha256:" + std::string(64, 'c')), "0 0");
}

TEST(tokens, are_found_by_the_line_that_is_printed_for_them) {
    const std::string token = "q7Jx-._~+/0123456789==";
    const auto line = token_line("alice", token);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->find(token), std::string::npos);
    const auto table = TokenTable::parse(*line, "t");
    ASSERT_TRUE(table);
    ASSERT_TRUE(table->find(token));
    EXPECT_EQ(table->tokens().at(*table->find(token)).name, "alice");
}

TEST(tokens, that_clients_could_not_send_or_others_could_guess_are_refused) {
    EXPECT_TRUE(token_line("a", std::string(16, 'x')));
    EXPECT_FALSE(token_line("a", std::string(15, 'x')));
    EXPECT_FALSE(token_line("a", std::string(16, '=')));
    EXPECT_FALSE(token_line("a", "with spaces in between"));
    EXPECT_FALSE(token_line("a", "equals=in=the=middle=x"));
    for (const std::string_view name : {"", "a b", "a:b", "a#b", "\xc3\xa9"})
        EXPECT_FALSE(token_line(name, std::string(16, 'x'))) << name;
}

}  // namespace
}  // namespace gw::app::test
