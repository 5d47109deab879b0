#include "mcp/log_level.hpp"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace gw::test
