#include "calling.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gw::test {
namespace {

class List : public Calling {
protected:
    List() {
        show(
            {.tools = {"a"}, .prompts = {"p"}, .resources = {"f:///x"}, .templates = {"f:///{y}"}},
            {.tools = {"now"}}
        );
    }
};

TEST_F(List, answers_each_kind_from_the_catalogue) {
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"},{"name":"time-now"}]})");
    EXPECT_EQ(answer("prompts/list", "{}"), R"({"prompts":[{"name":"gh-p"}]})");
    EXPECT_EQ(answer("resources/list", "{}"), R"({"resources":[{"uri":"f:///x"}]})");
    EXPECT_EQ(
        answer("resources/templates/list", R"({"_meta":{}})"),
        R"({"resourceTemplates":[{"uriTemplate":"f:///{y}"}]})"
    );
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(List, goes_on_where_the_cursor_says) {
    views.shown.page_size = 1;
    show({.tools = {"a"}}, {.tools = {"now"}});
    const auto first = answer("tools/list", "");
    const auto cursor = *json::Object::parse(first)->string("nextCursor");
    EXPECT_EQ(
        answer("tools/list", R"({"cursor":")" + cursor + R"("})"),
        R"({"tools":[{"name":"time-now"}]})"
    );
    EXPECT_EQ(
        answer("prompts/list", R"({"cursor":")" + cursor + R"("})"),
        R"(invalid_params: "cursor" is of another list)"
    );
}

TEST_F(List, rejects_a_cursor_that_is_none) {
    EXPECT_EQ(
        answer("tools/list", R"({"cursor":"MQ"})"),
        R"(invalid_params: "cursor" is not one of ours, or has expired)"
    );
    EXPECT_EQ(
        answer("tools/list", R"({"cursor":""})"), R"(invalid_params: "cursor" is not one of ours)"
    );
    EXPECT_EQ(
        answer("tools/list", R"({"cursor":1})"), R"(invalid_params: "cursor" must be a string)"
    );
}

TEST_F(List, leaves_output_schemas_out_for_the_oldest_revision) {
    catalog::Listing listing;
    listing.items[0].push_back({"a", R"({"name":"a","outputSchema":{"type":"object"}})"});
    views.set({{0, "gh", "gh", std::make_shared<const catalog::Listing>(listing)}});
    EXPECT_EQ(
        answer("tools/list", ""), R"({"tools":[{"name":"gh-a","outputSchema":{"type":"object"}}]})"
    );
    session.reset();
    revision = mcp::Revision::r2025_03_26;
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"}]})");
}

TEST_F(List, waits_for_a_view_that_is_not_there_yet) {
    views.is_slow = true;
    EXPECT_EQ(answer("prompts/list", ""), R"({"prompts":[{"name":"gh-p"}]})");
}

TEST_F(List, of_a_kind_that_nobody_has_is_empty) {
    show({.tools = {"a"}}, {.tools = {"now"}});
    EXPECT_EQ(answer("prompts/list", ""), R"({"prompts":[]})");
    EXPECT_EQ(answer("resources/templates/list", ""), R"({"resourceTemplates":[]})");
}

TEST_F(List, of_servers_that_are_still_starting_is_waited_for_by_the_sessions_first_list) {
    views.set_later(
        {{0, "gh", "gh", to_listing({.tools = {"a"}})}}, {.missing = {{0, "gh", "it is down"}}}
    );
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"}]})");
    EXPECT_EQ(views.waits_since.size(), 1);
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"}]})");
    EXPECT_EQ(views.waits_since.size(), 1);
}

TEST_F(List, the_time_that_a_session_waits_begins_with_its_first_list) {
    views.set({}, {.missing = {{0, "gh", "it is down"}}, .is_settled = false});
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[]})");
    const auto first = around.wheel.now();
    around.wheel.advance(first + std::chrono::seconds(9));
    EXPECT_EQ(answer("prompts/list", ""), R"({"prompts":[]})");
    EXPECT_EQ(views.waits_since, (std::vector{first, first}));
}

}  // namespace
}  // namespace gw::test
