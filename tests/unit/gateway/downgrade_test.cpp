#include "gateway/downgrade.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using gateway::Output;
using mcp::Revision;

std::string downgraded(
    std::string result,
    Revision revision = Revision::r2025_03_26,
    std::string_view method = "tools/call"
) {
    auto answer = completed(std::move(result));
    gateway::downgrade(std::get<mcp::Completed>(answer), method, revision, Output::as_it_is);
    return bytes(answer);
}

// The same for the result of a server that may have any structured content.
std::string with_object(
    std::string result, Revision revision, Output output = Output::as_it_is, bool has_type = true
) {
    auto answer = completed(std::move(result));
    std::get<mcp::Completed>(answer).has_type = has_type;
    gateway::downgrade(std::get<mcp::Completed>(answer), "tools/call", revision, output);
    return bytes(answer);
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

TEST(Downgrade, does_not_touch_a_text_that_speaks_of_links) {
    constexpr auto text =
        R"({ "content":[{"type":"text","text":"a resource_link"}, {"text":"\u0041"}] })";
    EXPECT_EQ(downgraded(text), text);
    constexpr auto prompt =
        R"({ "messages":[{"content":{"type":"text","text":"resource_link"}}] })";
    EXPECT_EQ(downgraded(prompt, Revision::r2025_03_26, "prompts/get"), prompt);
}

TEST(Downgrade, finds_a_link_however_it_is_spelt) {
    EXPECT_EQ(
        downgraded(R"({"content":[{"ty\u0070e":"resource\u005flink","uri":"f:///y"}]})"),
        R"({"content":[{"type":"text","text":"f:///y"}]})"
    );
}

TEST(Downgrade, makes_an_object_of_structured_content_that_is_none) {
    for (const auto revision : {Revision::r2025_06_18, Revision::r2025_11_25}) {
        EXPECT_EQ(
            with_object(R"({"content":[], "structuredContent":[1.0] })", revision),
            R"({"content":[], "structuredContent":{"result":[1.0]} })"
        );
        EXPECT_EQ(
            with_object(R"({"structuredContent":null})", revision),
            R"({"structuredContent":{"result":null}})"
        );
    }
    constexpr auto object = R"({ "structuredContent" : {"a":1} })";
    EXPECT_EQ(with_object(object, Revision::r2025_11_25), object);
    EXPECT_EQ(with_object("{ }", Revision::r2025_11_25), "{ }");
}

TEST(Downgrade, wraps_whatever_a_wrapped_schema_describes) {
    constexpr auto object = R"({"structuredContent":{"a":1}})";
    EXPECT_EQ(
        with_object(object, Revision::r2025_11_25, Output::wrapped, false),
        R"({"structuredContent":{"result":{"a":1}}})"
    );
    EXPECT_EQ(with_object(object, Revision::r2026_07_28, Output::wrapped), object);
    EXPECT_EQ(
        with_object(object, Revision::r2025_03_26, Output::wrapped),
        R"({"content":[{"type":"text","text":"{\"a\":1}"}]})"
    );
}

TEST(Downgrade, leaves_the_results_of_servers_with_sessions_as_they_are) {
    constexpr auto list = R"({"structuredContent":[1]})";
    EXPECT_EQ(with_object(list, Revision::r2025_11_25, Output::as_it_is, false), list);
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
