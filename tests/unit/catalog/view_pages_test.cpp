#include "base/json.hpp"
#include "catalog/view.hpp"
#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;

class ViewPages : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    catalog::ViewRules rules;

    ViewPages() {
        rules.has_plain_names = true;
        rules.page_size = 2;
    }

    catalog::View view(const FakeListing& listing) const {
        std::vector<std::string> ignored;
        return {rules, {{0, "s", "s", to_listing(listing)}}, seal, ignored};
    }

    // The names on a page, and " >" when another follows; `cursor` is where that begins then.
    static std::string page(
        const catalog::View& view,
        std::string& cursor,
        Kind kind = Kind::tools,
        Form form = Form::object_output_schema
    ) {
        const auto begin = all_of(view).begin_of(kind, cursor);
        if (!begin) return to_string(begin.error());
        const auto text = all_of(view).page(kind, form, *begin);
        const auto result = *json::Object::parse(text);
        const auto& names = catalog::names_of(kind);
        std::string found;
        for (const auto element : *json::elements(result[names.member], 100)) {
            found += (found.empty() ? "" : " ") + *json::Object::parse(element)->string(names.key);
        }
        cursor = result.string("nextCursor").value_or("");
        return found + (cursor.empty() ? "" : " >");
    }
};

TEST_F(ViewPages, follow_one_another_to_the_last) {
    const auto five = view({.tools = {"a", "b", "c", "d", "e"}});
    std::string cursor;
    EXPECT_EQ(page(five, cursor), "a b >");
    EXPECT_EQ(page(five, cursor), "c d >");
    EXPECT_EQ(page(five, cursor), "e");
}

TEST_F(ViewPages, a_full_last_page_has_no_cursor) {
    const auto four = view({.tools = {"a", "b", "c", "d"}});
    std::string cursor;
    page(four, cursor);
    EXPECT_EQ(page(four, cursor), "c d");
    EXPECT_EQ(page(view({.tools = {"a", "b"}}), cursor = ""), "a b");
}

TEST_F(ViewPages, an_empty_list_is_one_empty_page) {
    std::string cursor;
    EXPECT_EQ(page(view({}), cursor), "");
}

TEST_F(ViewPages, are_the_same_in_both_forms) {
    const auto three = view({.tools = {"a", "b", "c"}});
    std::string cursor;
    EXPECT_EQ(page(three, cursor, Kind::tools, Form::without_output_schema), "a b >");
    EXPECT_EQ(page(three, cursor, Kind::tools, Form::without_output_schema), "c");
}

TEST_F(ViewPages, end_early_when_they_are_large) {
    rules.page_size = 1000;
    const std::string half(catalog::VisibleView::page_bytes_max / 2, 'x');
    const auto three = view({.tools = {half + "a", half + "b", half + "c"}});
    std::string cursor;
    EXPECT_EQ(page(three, cursor), half + "a " + half + "b >");
    EXPECT_EQ(page(three, cursor), half + "c");
}

TEST_F(ViewPages, a_cursor_of_another_list_is_refused) {
    const auto both = view({.tools = {"a", "b", "c"}, .prompts = {"p", "q", "r"}});
    std::string cursor;
    page(both, cursor);
    EXPECT_EQ(page(both, cursor, Kind::prompts), "invalid_params: \"cursor\" is of another list");
}

TEST_F(ViewPages, a_cursor_that_nobody_gave_is_refused) {
    std::string cursor = "2";
    EXPECT_EQ(
        page(view({.tools = {"a", "b", "c"}}), cursor),
        "invalid_params: \"cursor\" is not one of ours, or has expired"
    );
}

TEST_F(ViewPages, a_view_has_another_generation_when_something_differs) {
    const auto one = view({.tools = {"a", "b"}});
    EXPECT_EQ(one.generation(), view({.tools = {"a", "b"}}).generation());
    for (const auto& other :
         {FakeListing{.tools = {"a"}},
          FakeListing{.tools = {"b", "a"}},
          FakeListing{.tools = {"a", "b"}, .resources = {"f:///x"}}}) {
        EXPECT_NE(one.generation(), view(other).generation());
    }
}

TEST_F(ViewPages, views_are_compared_kind_by_kind) {
    const auto one = view({.tools = {"a"}, .prompts = {"p"}});
    const auto two = view({.tools = {"a"}, .prompts = {"q"}});
    EXPECT_TRUE(catalog::View::are_equal(one, two, Kind::tools));
    EXPECT_FALSE(catalog::View::are_equal(one, two, Kind::prompts));
    EXPECT_TRUE(catalog::View::are_equal(one, two, Kind::resources));
}

}  // namespace
}  // namespace gw::test
