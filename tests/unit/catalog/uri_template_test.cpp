#include "catalog/uri_template.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

// Those of `uris` that can have been made from the template.
std::string made_from(std::string_view text, const std::vector<std::string>& uris) {
    const catalog::UriTemplate pattern(text);
    std::string found;
    for (const auto& uri : uris) {
        if (pattern.matches(uri)) found += (found.empty() ? "" : " ") + uri;
    }
    return found;
}

TEST(UriTemplate, without_expressions_is_one_uri) {
    EXPECT_EQ(made_from("file:///a", {"file:///a", "file:///ab", "file:///", ""}), "file:///a");
    EXPECT_TRUE(catalog::UriTemplate("").matches(""));
    EXPECT_FALSE(catalog::UriTemplate("").matches("a"));
}

TEST(UriTemplate, a_simple_expression_stands_for_one_segment) {
    EXPECT_EQ(
        made_from(
            "db://{table}/row", {"db://users/row", "db:///row", "db://a/b/row", "db://a?b/row"}
        ),
        "db://users/row"
    );
    EXPECT_EQ(made_from("x{a}{b}", {"x", "x1", "x12", "x123"}), "x12 x123");
}

TEST(UriTemplate, a_reserved_expression_stands_for_anything) {
    EXPECT_EQ(
        made_from("file:///{+path}", {"file:///", "file:///a", "file:///a/b?c#d", "http:///a"}),
        "file:///a file:///a/b?c#d"
    );
}

TEST(UriTemplate, an_expression_with_a_sign_begins_with_it_or_is_missing) {
    EXPECT_EQ(made_from("u{?q}", {"u", "u?q=1", "u?q=/a&b", "u?q#f", "uq=1"}), "u u?q=1 u?q=/a&b");
    EXPECT_EQ(made_from("u{/a,b}", {"u", "u/1", "u/1/2", "u/1?2", "u1"}), "u u/1 u/1/2");
    EXPECT_EQ(made_from("u{.ext}", {"u", "u.tar.gz", "u.a/b"}), "u u.tar.gz");
    EXPECT_EQ(made_from("u{;p}", {"u", "u;p=1", "u;p=1?q"}), "u u;p=1");
    EXPECT_EQ(made_from("u{#f}", {"u", "u#f/?", "uf"}), "u u#f/?");
    EXPECT_EQ(made_from("u?a=1{&b}", {"u?a=1", "u?a=1&b=2", "u?a=1b"}), "u?a=1 u?a=1&b=2");
}

TEST(UriTemplate, finds_the_way_when_there_are_several) {
    EXPECT_EQ(made_from("{+a}/x/{b}", {"p/x/q/x/r", "p/x/q/x/", "/x/q"}), "p/x/q/x/r");
    EXPECT_EQ(made_from("{a}{/b}{?c}", {"a/b/c?d", "a?d", "?d"}), "a/b/c?d a?d");
}

TEST(UriTemplate, a_brace_that_is_never_closed_stands_for_itself) {
    EXPECT_EQ(made_from("a{b", {"a{b", "ab", "axb"}), "a{b");
    EXPECT_EQ(made_from("a}b", {"a}b"}), "a}b");
    EXPECT_EQ(made_from("a{}b", {"ab", "axb"}), "axb");
}

TEST(UriTemplate, what_stands_around_the_expressions_is_not_shared_by_both_ends) {
    EXPECT_EQ(made_from("aba{+x}aba", {"aba", "abaaba", "abaXaba", "ababa"}), "abaXaba");
    EXPECT_EQ(made_from("ab{?x}ba", {"aba", "abba", "ab?ba", "ab?xba"}), "abba ab?ba ab?xba");
    EXPECT_EQ(made_from("{+a}--{+b}", {"1--2", "1---2", "--2", "1--"}), "1--2 1---2");
}

TEST(UriTemplate, takes_no_longer_than_both_sizes_multiplied) {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "{+a}{/b}";
    EXPECT_FALSE(catalog::UriTemplate(text + "!").matches(std::string(2000, '/')));
}

}  // namespace
}  // namespace gw::test
