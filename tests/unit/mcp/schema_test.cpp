#include "mcp/schema.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

TEST(Schema, is_of_an_object_when_its_type_says_so) {
    EXPECT_TRUE(mcp::is_object_schema(R"({"properties":{},"t\u0079pe":"object"})"));
    EXPECT_FALSE(mcp::is_object_schema(R"({"type":"array"})"));
    EXPECT_FALSE(mcp::is_object_schema(R"({"type":["object"]})"));
    EXPECT_FALSE(mcp::is_object_schema(R"({"properties":{"type":"object"}})"));
    EXPECT_FALSE(mcp::is_object_schema("true"));
}

TEST(Schema, is_wrapped_as_the_result_of_an_object) {
    EXPECT_EQ(
        mcp::wrapped_schema(R"({ "type" : "array", "maxItems": 2.0 })"),
        R"({"type":"object","properties":{"result":{"type":"array","maxItems":2.0}},)"
        R"("required":["result"]})"
    );
    EXPECT_EQ(
        mcp::wrapped_schema("true"),
        R"({"type":"object","properties":{"result":true},"required":["result"]})"
    );
}

TEST(Schema, keeps_its_dialect_at_the_root_when_it_is_wrapped) {
    EXPECT_EQ(
        mcp::wrapped_schema(R"({"$schema":"http://json-schema.org/draft-07/schema#","not":{}})"),
        R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object",)"
        R"("properties":{"result":{"not":{}}},"required":["result"]})"
    );
}

// What `schema` is after it was wrapped.
std::string inner(const std::string& schema) {
    const auto wrapped = mcp::wrapped_schema(schema);
    constexpr std::string_view before = R"({"type":"object","properties":{"result":)";
    constexpr std::string_view after = R"(},"required":["result"]})";
    EXPECT_TRUE(wrapped.starts_with(before) && wrapped.ends_with(after)) << wrapped;
    return wrapped.substr(before.size(), wrapped.size() - before.size() - after.size());
}

TEST(Schema, references_in_it_lead_to_the_same_places_when_it_is_wrapped) {
    EXPECT_EQ(inner(R"({"$ref":"#"})"), R"({"$ref":"#/properties/result"})");
    EXPECT_EQ(
        inner(R"({"items":{"anyOf":[{"$ref":"#\/$defs\/a~1b"},{"$dynamicRef":"#/x"}]}})"),
        R"({"items":{"anyOf":[{"$ref":"#/properties/result/$defs/a~1b"},)"
        R"({"$dynamicRef":"#/properties/result/x"}]}})"
    );
    EXPECT_EQ(
        inner(R"({"$defs":{"$ref":{"$ref":"#/$defs/y"}}})"),
        R"({"$defs":{"$ref":{"$ref":"#/properties/result/$defs/y"}}})"
    );
}

TEST(Schema, other_references_stay_when_it_is_wrapped) {
    for (const auto* schema :
         {R"({"$ref":"#anchor"})",
          R"({"$ref":"https://example.com/x#/y"})",
          R"({"enum":[{"$ref":"#/x"}],"default":{"$ref":"#"}})",
          R"({"properties":{"$ref":true}})",
          R"({"$id":"https://example.com/s","$ref":"#/$defs/x"})",
          R"({"items":{"$id":"t","items":{"$ref":"#"}}})"}) {
        EXPECT_EQ(inner(schema), schema);
    }
    EXPECT_EQ(
        inner(R"({"$id":"#t","items":{"$ref":"#"}})"),
        R"({"$id":"#t","items":{"$ref":"#/properties/result"}})"
    );
}

TEST(Schema, of_arguments_loses_all_annotations_and_nothing_else) {
    EXPECT_EQ(
        mcp::without_mirror_rules(
            R"({"name":"x","inputSchema":{"properties":{"x-mcp-header":{"type":"number",)"
            R"("x-mcp-header":"A"},"b":{"oneOf":[{"x-mcp-\u0068eader":7}],"enum":[)"
            R"({"x-mcp-header":1}]}}},"x-mcp-header":"B"})"
        ),
        R"({"name":"x","inputSchema":{"properties":{"x-mcp-header":{"type":"number"},)"
        R"("b":{"oneOf":[{}],"enum":[{"x-mcp-header":1}]}}},"x-mcp-header":"B"})"
    );
}

}  // namespace
}  // namespace gw::test
