#include "mcp/splice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

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
