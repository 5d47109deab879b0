#include "calling.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

class LoggingSetLevel : public Calling {
protected:
    LoggingSetLevel() { show({.tools = {"a"}, .has_logging = true}, {.tools = {"b"}}); }
};

TEST_F(LoggingSetLevel, sets_the_sessions_level_and_tells_the_servers_that_log) {
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"warning"})"), "{}");
    EXPECT_EQ(session->log_level, mcp::LogLevel::warning);
    EXPECT_EQ(sent(0), R"(logging/setLevel* {"level":"warning"})");
    EXPECT_EQ(sent(1), "");
}

TEST_F(LoggingSetLevel, succeeds_although_a_server_does_not_take_it) {
    upstreams.peers[0].answer = [] { return fail(Errc::upstream_failed, "gone"); };
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"debug"})"), "{}");
    upstreams.peers[0].answer = [] { return mcp::Refused{Slice(std::string("{}"))}; };
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"error"})"), "{}");
    EXPECT_EQ(session->log_level, mcp::LogLevel::error);
}

TEST_F(LoggingSetLevel, changes_nothing_where_requests_without_a_session_share_one) {
    session_id = "";
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"debug"})"), "{}");
    EXPECT_FALSE(session->log_level);
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(LoggingSetLevel, rejects_what_is_no_level_and_keeps_the_one_there_was) {
    answer("logging/setLevel", R"({"level":"alert"})");
    EXPECT_EQ(
        answer("logging/setLevel", R"({"level":"loud"})"),
        R"(invalid_params: "level" is none of the eight log levels)"
    );
    EXPECT_EQ(
        answer("logging/setLevel", R"({"level":3})"), R"(invalid_params: "level" must be a string)"
    );
    EXPECT_EQ(answer("logging/setLevel", ""), R"(invalid_params: "level" must be a string)");
    EXPECT_EQ(session->log_level, mcp::LogLevel::alert);
    EXPECT_EQ(sent(0), R"(logging/setLevel* {"level":"alert"})");
}

}  // namespace
}  // namespace gw::test
