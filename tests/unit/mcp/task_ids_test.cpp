#include "mcp/task_ids.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(TaskIds, stand_in_tasks_in_results_that_begin_one_and_in_meta) {
    const std::string_view text =
        R"({"taskId":"a","task":{"status":"working","taskId":"b"},)"
        R"("_meta":{"io.modelcontextprotocol\/related-task":{ "taskId" : "c" }}})";
    EXPECT_EQ(mcp::task_id(text), R"("a")");
    EXPECT_EQ(mcp::created_task_id(text), R"("b")");
    EXPECT_EQ(mcp::related_task_id(text), R"("c")");
    EXPECT_EQ(mcp::task_id(text).data(), text.data() + text.find(R"("a")"));
}

TEST(TaskIds, are_strings_in_their_own_places) {
    for (const auto* text : {
             "{}",
             "[]",
             "",
             R"({"taskId":1,"task":{"taskId":null},"_meta":[]})",
             R"({"a":{"taskId":"x"},"task":"taskId","_meta":{"taskId":"x"}})",
             R"({"_meta":{"io.modelcontextprotocol/related-task":"x"}})",
         }) {
        EXPECT_EQ(mcp::task_id(text), "") << text;
        EXPECT_EQ(mcp::created_task_id(text), "") << text;
        EXPECT_EQ(mcp::related_task_id(text), "") << text;
    }
}

}  // namespace
}  // namespace gw::test
