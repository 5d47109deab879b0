#include "calling.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

class Dispatch : public Calling {
protected:
    Dispatch() { show({.tools = {"a"}, .prompts = {"p"}}, {}); }
};

TEST_F(Dispatch, answers_ping_by_itself) {
    EXPECT_EQ(answer("ping", ""), "{}");
    EXPECT_EQ(answer("ping", R"({"_meta":{}})"), "{}");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(Dispatch, passes_no_method_on_that_it_does_not_know) {
    for (const auto* method :
         {"tools/run",
          "",
          "Ping",
          "initialize",
          "notifications/initialized",
          "sampling/createMessage",
          "tasks/update",
          "tools/call "}) {
        EXPECT_EQ(
            answer(method, R"({"name":"gh-a"})"),
            "unknown_method: Method not found: " + std::string(method)
        );
    }
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(Dispatch, puts_answers_into_the_words_of_the_sessions_revision) {
    upstreams.peers[0].answer = [] {
        return completed(R"({"content":[{"type":"resource_link","uri":"f:///x","name":"x"}]})");
    };
    EXPECT_EQ(
        answer("tools/call", R"({"name":"gh-a"})"),
        R"({"content":[{"type":"resource_link","uri":"f:///x","name":"x"}]})"
    );
    session.reset();
    revision = mcp::Revision::r2025_03_26;
    EXPECT_EQ(
        answer("tools/call", R"({"name":"gh-a"})"),
        R"({"content":[{"type":"text","text":"x: f:///x"}]})"
    );
}

TEST_F(Dispatch, gives_the_oldest_revision_failures_as_they_are) {
    revision = mcp::Revision::r2025_03_26;
    EXPECT_EQ(answer("tools/call", R"({"name":"x"})"), "not_found: Unknown tool: x");
    EXPECT_EQ(answer("ping", ""), "{}");
}

}  // namespace
}  // namespace gw::test
