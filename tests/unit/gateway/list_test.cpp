#include "calling.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

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

TEST_F(List, fails_when_no_server_can_be_listed) {
    views.view = fail(Errc::unavailable, "No upstream server is available");
    EXPECT_EQ(answer("tools/list", ""), "unavailable: No upstream server is available");
}

}  // namespace
}  // namespace gw::test
