#include "mcp/route.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

mcp::Route route(const std::string& meta, std::string_view own = "me") {
    return mcp::parse_route(R"({"capabilities":{},"_meta":)" + meta + "}", own);
}

mcp::Route written(const mcp::Instances& instances, std::string_view own = "me") {
    return mcp::parse_route(R"({"capabilities":{})" + mcp::meta_member(instances) + "}", own);
}

TEST(Route, is_read_as_it_is_written) {
    const mcp::Instances both{"0af3", "B-2"};
    EXPECT_EQ(mcp::meta_member(both), R"(,"_meta":{"bascule/instances":["0af3","B-2"]})");
    EXPECT_EQ(written(both).instances, both);
    EXPECT_FALSE(written(both).leads_back);
    EXPECT_TRUE(written(both, "B-2").leads_back);
    EXPECT_EQ(mcp::meta_member({}), "");
    EXPECT_TRUE(written({}).instances.empty());
}

TEST(Route, is_empty_where_a_server_says_nothing_of_it_or_nothing_that_can_be_read) {
    for (const auto* meta :
         {"{}", "1", "null", R"({"bascule/instances":{}})", R"({"other":["me"]})"}) {
        EXPECT_TRUE(route(meta).instances.empty()) << meta;
        EXPECT_FALSE(route(meta).leads_back) << meta;
    }
    EXPECT_TRUE(mcp::parse_route("", "me").instances.empty());
    EXPECT_TRUE(mcp::parse_route("{}", "me").instances.empty());
}

TEST(Route, has_no_id_that_is_none_and_each_once) {
    const std::string longest(mcp::instance_bytes_max, 'a');
    const auto found = route(
        R"({"bascule/instances":["x",1,null,"","a b","\u0061","x",["me"],")" + longest + R"(",")" +
        longest + R"(a"]})"
    );
    EXPECT_EQ(found.instances, (mcp::Instances{"x", longest}));
    EXPECT_FALSE(route(R"({"bascule/instances":[""]})", "").leads_back);
}

TEST(Route, stays_within_its_limit_when_it_is_read_and_when_it_is_joined) {
    mcp::Instances all{"me"};
    for (std::size_t i = 0; i < mcp::instances_max; ++i)
        mcp::join(all, {"me", std::to_string(i)});
    EXPECT_EQ(all.size(), mcp::instances_max);
    EXPECT_EQ(all.front(), "me");
    EXPECT_EQ(written(all).instances, all);
    auto more = all;
    more.emplace_back("more");
    EXPECT_TRUE(written(more).instances.empty());
}

}  // namespace
}  // namespace gw::test
