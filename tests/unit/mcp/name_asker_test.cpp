#include "mcp/name_asker.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(NameAsker, puts_the_servers_name_in_front_of_the_message_and_changes_nothing_else) {
    EXPECT_EQ(
        mcp::name_asker(
            "elicitation/create", R"({ "mode":"form", "message":"A \"name\"?","n":1.0 })", "gh"
        ),
        R"({ "mode":"form", "message":"[gh] A \"name\"?","n":1.0 })"
    );
    EXPECT_EQ(
        mcp::name_asker("elicitation/create", R"({"message":""})", R"(a"b)"),
        R"({"message":"[a\"b] "})"
    );
}

TEST(NameAsker, does_not_touch_what_no_user_reads) {
    constexpr auto params = R"({ "message":"x" })";
    EXPECT_EQ(mcp::name_asker("sampling/createMessage", params, "gh"), params);
    EXPECT_EQ(mcp::name_asker("roots/list", "", "gh"), "");
    EXPECT_EQ(mcp::name_asker("elicitation/create", R"({"message":7})", "gh"), R"({"message":7})");
    EXPECT_EQ(mcp::name_asker("elicitation/create", "{}", "gh"), "{}");
}

}  // namespace
}  // namespace gw::test
