#include "gateway/downgrade.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using mcp::Revision;

std::string downgraded(
    std::string result,
    Revision revision = Revision::r2025_03_26,
    std::string_view method = "tools/call"
) {
    auto answer = completed(std::move(result));
    gateway::downgrade(answer, method, revision);
    return bytes(answer);
}

TEST(Downgrade, is_needed_by_the_oldest_revision_only) {
    EXPECT_TRUE(gateway::needs_downgrade(Revision::r2025_03_26));
    EXPECT_FALSE(gateway::needs_downgrade(Revision::r2025_06_18));
    EXPECT_FALSE(gateway::needs_downgrade(Revision::r2025_11_25));
}

TEST(Downgrade, makes_a_link_a_text_with_its_uri) {
    EXPECT_EQ(
        downgraded(R"({"content":[{"type":"text","text":"see"},)"
                   R"({"type":"resource_link","uri":"f:///\"x","name":"the x"},)"
                   R"({"type":"resource_link","uri":"f:///y"}],"isError":false})"),
        R"({"content":[{"type":"text","text":"see"},{"type":"text","text":"the x: f:///\"x"},)"
        R"({"type":"text","text":"f:///y"}],"isError":false})"
    );
}

TEST(Downgrade, leaves_structured_content_out_where_text_stands_for_it) {
    EXPECT_EQ(
        downgraded(R"({"structuredContent":{"a":1},"content":[{"type":"text","text":"1"}]})"),
        R"({"content":[{"type":"text","text":"1"}]})"
    );
}

TEST(Downgrade, makes_structured_content_a_text_where_there_is_none) {
    EXPECT_EQ(
        downgraded(R"({"content":[],"structuredContent":{"a":1.0}})"),
        R"({"content":[{"type":"text","text":"{\"a\":1.0}"}]})"
    );
    EXPECT_EQ(
        downgraded(R"({"structuredContent":{"a":1.0}})"),
        R"({"content":[{"type":"text","text":"{\"a\":1.0}"}]})"
    );
}

TEST(Downgrade, does_not_touch_what_needs_no_change) {
    for (const auto* result :
         {R"({ "content" : [ {"type":"text","text":"x"} ] })",
          R"({"isError":true,"content":[]})",
          "{}"}) {
        EXPECT_EQ(downgraded(result), result);
    }
    constexpr auto link = R"({ "content":[{"type":"resource_link","uri":"f:///y"}] })";
    EXPECT_EQ(downgraded(link, Revision::r2025_06_18), link);
    EXPECT_EQ(downgraded(link, Revision::r2025_11_25), link);
    EXPECT_EQ(downgraded(link, Revision::r2025_03_26, "resources/read"), link);
}

TEST(Downgrade, does_not_touch_an_error) {
    mcp::Answer refused =
        mcp::Refused{Slice(std::string(R"({"code":1,"content":[{"type":"resource_link"}]})"))};
    gateway::downgrade(refused, "tools/call", Revision::r2025_03_26);
    EXPECT_EQ(bytes(refused), R"(refused: {"code":1,"content":[{"type":"resource_link"}]})");
}

TEST(Downgrade, makes_a_link_in_a_prompt_a_text_too) {
    EXPECT_EQ(
        downgraded(
            R"({"messages":[{"role":"user","content":{"type":"resource_link","uri":"f:///y"}}]})",
            Revision::r2025_03_26,
            "prompts/get"
        ),
        R"({"messages":[{"role":"user","content":{"type":"text","text":"f:///y"}}]})"
    );
}

}  // namespace
}  // namespace gw::test
