#include "mcp/log_level.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

TEST(LogLevel, reads_the_eight_severities_in_the_order_of_their_weight) {
    int last = -1;
    for (const auto* name :
         {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}) {
        const auto level = mcp::parse_log_level(name);
        ASSERT_TRUE(level) << name;
        EXPECT_EQ(mcp::to_string(*level), name);
        EXPECT_GT(static_cast<int>(*level), last) << name;
        last = static_cast<int>(*level);
    }
}

TEST(LogLevel, takes_no_other_spelling) {
    for (const auto* text : {"", "Info", "warn", "debug ", "0"}) {
        EXPECT_FALSE(mcp::parse_log_level(text)) << text;
    }
}

TEST(LogLevel, lets_messages_pass_that_weigh_as_much_or_say_nothing_of_it) {
    const auto passes = [](std::string_view params) {
        return mcp::is_at_least(params, mcp::LogLevel::warning);
    };
    EXPECT_TRUE(passes(R"({"level":"warning","data":1})"));
    EXPECT_TRUE(passes(R"({"level":"emergency"})"));
    EXPECT_FALSE(passes(R"({"level":"notice"})"));
    EXPECT_TRUE(passes(R"({"level":"loud"})"));
    EXPECT_TRUE(passes(R"({"level":7})"));
    EXPECT_TRUE(passes("{}"));
    EXPECT_FALSE(passes("[]"));
    EXPECT_FALSE(passes(""));
}

}  // namespace
}  // namespace gw::test
