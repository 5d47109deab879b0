#include "mcp/related_task.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(RelatedTask, is_taken_out_of_meta_and_nothing_else_is) {
    EXPECT_EQ(
        mcp::without_related_task(
            R"({"a":1.0,"_meta":{"x":[1],"io.modelcontextprotocol/related-task":{"taskId":"t"}}})"
        ),
        R"({"a":1.0,"_meta":{"x":[1]}})"
    );
    EXPECT_EQ(
        mcp::without_related_task(
            R"({"_meta":{"io.modelcontextprotocol\/related-task":{"taskId":"t"}},"b":{}})"
        ),
        R"({"b":{}})"
    );
    EXPECT_EQ(mcp::without_related_task(R"({"_meta":{"x":1}})"), R"({"_meta":{"x":1}})");
    EXPECT_EQ(mcp::without_related_task("{}"), "{}");
}

}  // namespace
}  // namespace gw::test
