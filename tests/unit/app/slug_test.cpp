#include "base/slug.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(slug, is_lower_case_with_a_separator_for_each_run_of_other_characters) {
    EXPECT_EQ(slugify("Fast Time"), "fast-time");
    EXPECT_EQ(slugify("get_system_time"), "get-system-time");
    EXPECT_EQ(slugify("a  _-/ b"), "a-b");
    EXPECT_EQ(slugify("fast-time"), "fast-time");
}

TEST(slug, has_no_separator_at_its_ends) {
    EXPECT_EQ(slugify("  (GitHub!) "), "github");
    EXPECT_EQ(slugify("___"), "");
    EXPECT_EQ(slugify(""), "");
}

TEST(slug, takes_the_separator_it_is_given) {
    EXPECT_EQ(slugify("Fast-Time x", "_"), "fast_time_x");
    EXPECT_EQ(slugify("Fast Time", "--"), "fast--time");
    EXPECT_EQ(slugify("Fast Time", "."), "fast.time");
}

TEST(slug, drops_apostrophes_inside_words_only) {
    EXPECT_EQ(slugify("Bob's tools"), "bobs-tools");
    EXPECT_EQ(slugify("Bob\u2019s"), "bobs");
    EXPECT_EQ(slugify("Bobs' tools"), "bobs-tools");
    EXPECT_EQ(slugify("'x'"), "x");
    EXPECT_EQ(slugify("a'b'c"), "ab-c");
}

TEST(slug, folds_latin_letters_to_ascii) {
    EXPECT_EQ(slugify("Café Ünïcode"), "cafe-unicode");
    EXPECT_EQ(slugify("Ærø Straße"), "aero-strasse");
    EXPECT_EQ(slugify("\u1e9e\u1ec7\u0133"), "sseij");
    EXPECT_EQ(slugify("\u0130x"), "i-x");
}

TEST(slug, drops_letters_that_do_not_fold_and_separates_at_symbols) {
    EXPECT_EQ(slugify("x日本y"), "xy");
    EXPECT_EQ(slugify("日本"), "");
    EXPECT_EQ(slugify("a—b"), "a-b");
    EXPECT_EQ(slugify("a🚀b"), "a-b");
    EXPECT_EQ(slugify("e\u0301a"), "e-a");
}

TEST(slug, takes_bytes_that_are_not_utf_8_for_symbols) {
    EXPECT_EQ(
        slugify("a\xff\xfe"
                "b"),
        "a-b"
    );
    EXPECT_EQ(slugify("a\xe2\x80"), "a");
}

}  // namespace
}  // namespace gw::test
