#include "calling.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

class PromptsGet : public Calling {
protected:
    PromptsGet() { show({.tools = {"tool"}, .prompts = {"Review PR"}}, {.prompts = {"ask"}}); }
};

TEST_F(PromptsGet, asks_the_server_that_owns_the_prompt_by_its_own_name_and_may_repeat_it) {
    EXPECT_EQ(
        answer("prompts/get", R"({"name":"gh-review-pr" ,"arguments":{"n":1e0}})"), R"("done")"
    );
    EXPECT_EQ(sent(0), R"(prompts/get* {"name":"Review PR" ,"arguments":{"n":1e0}})");
}

TEST_F(PromptsGet, knows_no_tools) {
    EXPECT_EQ(answer("prompts/get", R"({"name":"gh-tool"})"), "not_found: Unknown prompt: gh-tool");
    EXPECT_EQ(answer("tools/call", R"({"name":"time-ask"})"), "not_found: Unknown tool: time-ask");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(PromptsGet, rejects_malformed_params) {
    EXPECT_EQ(answer("prompts/get", "{}"), R"(invalid_params: "name" must be a string)");
}

}  // namespace
}  // namespace gw::test
