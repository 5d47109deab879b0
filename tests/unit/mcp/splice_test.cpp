#include "mcp/splice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using mcp::Splice;

// The outcome, checked against the size that was announced.
std::string written(const Splice& splice) {
    auto text = splice.str();
    EXPECT_EQ(splice.size(), text.size());
    return text;
}

TEST(Splice, is_the_text_itself_without_edits) {
    EXPECT_EQ(written(Splice(std::string_view("{ \"a\" : 1 }"))), "{ \"a\" : 1 }");
    EXPECT_EQ(written(Splice()), "");
}

TEST(Splice, writes_the_parts_differently_in_whatever_order_they_were_named) {
    const std::string_view text = "one two three";
    Splice splice(text);
    splice.replace(text.substr(8, 5), "3");
    splice.replace(text.substr(0, 3), "the first");
    splice.replace(text.substr(4, 3), "");
    EXPECT_EQ(written(splice), "the first  3");
    EXPECT_EQ(splice.original(), text);
}

TEST(Splice, inserts_before_what_is_replaced_at_the_same_place) {
    const std::string_view text = "{abc}";
    for (const bool inserts_first : {true, false}) {
        Splice splice(text);
        if (inserts_first) splice.replace(text.substr(1, 0), "x,");
        splice.replace(text.substr(1, 3), "");
        if (!inserts_first) splice.replace(text.substr(1, 0), "x,");
        EXPECT_EQ(written(splice), "{x,}");
    }
}

TEST(Splice, inserts_where_an_empty_part_is) {
    const std::string_view text = "{}";
    Splice splice(text);
    splice.replace(text.substr(1, 0), "\"a\":1");
    EXPECT_EQ(written(splice), R"({"a":1})");
    splice.replace(text.substr(2, 0), "\n");
    EXPECT_EQ(written(splice), "{\"a\":1}\n");
}

TEST(Splice, a_copy_stays_as_it_was) {
    const std::string_view text = "name";
    Splice splice(text);
    const Splice copy = splice;
    splice.replace(text, "other");
    EXPECT_EQ(written(copy) + " " + written(splice), "name other");
}

TEST(Splice, has_room_for_any_number_of_edits) {
    const std::string text(1000, 'a');
    const std::string_view view = text;
    Splice splice(view);
    std::string expected;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = (i * 7) % text.size();  // In whatever order.
        splice.replace(view.substr(at, 1), std::to_string(at));
        expected += std::to_string(i);
    }
    EXPECT_EQ(written(splice), expected);
}

TEST(Splice, gives_a_part_that_is_rewritten_as_a_whole_with_what_was_changed_in_it) {
    const std::string_view text = R"({"a":{"b":1,"c":2},"d":3})";
    Splice splice(text);
    splice.replace(text.substr(10, 1), "one");
    splice.replace(text.substr(23, 1), "three");
    std::string given;
    splice.rewrite(text.substr(5, 13), [&](std::string_view part) {
        given = part;
        return std::string("{}");
    });
    EXPECT_EQ(given, R"({"b":one,"c":2})");
    EXPECT_EQ(written(splice), R"({"a":{},"d":three})");
    splice.rewrite(text.substr(5, 13), [](std::string_view part) {
        return "[" + std::string(part) + "]";
    });
    EXPECT_EQ(written(splice), R"({"a":[{}],"d":three})");
}

TEST(Splice, makes_no_edit_of_what_is_not_in_the_text) {
    const std::string all = "before text behind";
    const std::string_view view = all;
    Splice splice(view.substr(7, 4));
    splice.replace(view.substr(0, 6), "x");
    splice.replace(view.substr(5, 4), "x");
    splice.replace(view.substr(9, 9), "x");
    splice.replace({}, "x");
    EXPECT_EQ(written(splice), "text");
}

// All parts of a small text, three at a time, in every order.
TEST(Splice, announces_the_size_that_it_writes_whatever_is_replaced) {
    constexpr std::string_view text = "abcd";
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size(); ++begin)
        for (std::size_t size = 0; begin + size <= text.size(); ++size)
            parts.push_back(text.substr(begin, size));
    for (const auto first : parts) {
        for (const auto second : parts) {
            for (const auto third : parts) {
                Splice splice(text);
                splice.replace(first, "<1>");
                splice.replace(second, "<2>");
                splice.replace(third, "<3>");
                const auto outcome = written(splice);
                // What is left of the text stands in its order.
                std::string left;
                for (const char each : outcome)
                    if (text.contains(each)) left += each;
                EXPECT_TRUE(std::ranges::is_sorted(left)) << outcome;
            }
        }
    }
}

TEST(Splice, is_appended_to_what_is_there) {
    const std::string_view text = "abc";
    Splice splice(text);
    splice.replace(text.substr(1, 1), "B");
    Buffer out;
    out.append(">");
    splice.append_to(out);
    EXPECT_EQ(out.view(), ">aBc");
}

}  // namespace
}  // namespace gw::test
