#include "catalog/form.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using catalog::Form;
using mcp::Revision;

TEST(Form, is_chosen_by_what_the_revision_has) {
    EXPECT_EQ(catalog::form_of(Revision::r2025_03_26), Form::without_output_schema);
    EXPECT_EQ(catalog::form_of(Revision::r2025_06_18), Form::object_output_schema);
    EXPECT_EQ(catalog::form_of(Revision::r2025_11_25), Form::object_output_schema);
    EXPECT_EQ(catalog::form_of(Revision::r2026_07_28), Form::stateless);
}

TEST(Form, leaves_a_tool_as_it_is_where_it_can) {
    constexpr auto tool = R"({ "name":"a", "outputSchema" : {"type":"object"} })";
    EXPECT_EQ(catalog::tool_in_form(tool, Form::object_output_schema), tool);
    EXPECT_EQ(catalog::tool_in_form(tool, Form::stateless), tool);
    EXPECT_EQ(
        catalog::tool_in_form(R"({ "name":"a" })", Form::without_output_schema), R"({ "name":"a" })"
    );
    EXPECT_FALSE(catalog::has_wrapped_output(tool));
    EXPECT_FALSE(catalog::has_wrapped_output(R"({"name":"a"})"));
}

TEST(Form, wraps_an_output_schema_that_is_of_no_object) {
    constexpr auto tool = R"({"name":"a", "outputSchema":{"type":"array","items":{"$ref":"#/x"}}})";
    EXPECT_EQ(
        catalog::tool_in_form(tool, Form::object_output_schema),
        R"({"name":"a","outputSchema":{"type":"object","properties":{"result":{"type":"array",)"
        R"("items":{"$ref":"#/properties/result/x"}}},"required":["result"]}})"
    );
    EXPECT_EQ(catalog::tool_in_form(tool, Form::without_output_schema), R"({"name":"a"})");
    EXPECT_EQ(catalog::tool_in_form(tool, Form::stateless), tool);
    EXPECT_TRUE(catalog::has_wrapped_output(tool));
}

TEST(Form, writes_boolean_schemas_of_properties_as_objects_where_there_are_sessions) {
    constexpr auto tool =
        R"({"outputSchema":{"type":"object","properties":{"o":false}},"name":"a",)"
        R"("inputSchema":{"x":true,"properties":{"a":true,"b":{"items":true}, "c" : false }}})";
    EXPECT_EQ(
        catalog::tool_in_form(tool, Form::object_output_schema),
        R"({"outputSchema":{"type":"object","properties":{"o":{"not":{}}}},"name":"a",)"
        R"("inputSchema":{"x":true,"properties":{"a":{},"b":{"items":true}, "c" : {"not":{}} }}})"
    );
    EXPECT_EQ(
        catalog::tool_in_form(tool, Form::without_output_schema),
        R"({"name":"a","inputSchema":{"x":true,"properties":{"a":{},"b":{"items":true}, )"
        R"("c" : {"not":{}} }}})"
    );
    EXPECT_EQ(catalog::tool_in_form(tool, Form::stateless), tool);
}

TEST(Form, has_no_execution_for_stateless_clients) {
    constexpr auto tool = R"({"name":"a","execution":{"taskSupport":"optional"}})";
    EXPECT_EQ(catalog::tool_in_form(tool, Form::stateless), R"({"name":"a"})");
    EXPECT_EQ(catalog::tool_in_form(tool, Form::object_output_schema), tool);
}

TEST(Form, of_a_page_for_stateless_clients_is_completed_by_how_long_it_holds) {
    EXPECT_EQ(catalog::page_begin(Form::object_output_schema), "{");
    const auto page = catalog::page_begin(Form::stateless) + "\"tools\":[]}";
    EXPECT_EQ(
        catalog::with_cache(page, {.ttl_ms = 60'000, .is_public = false}),
        R"({"ttlMs":60000,"cacheScope":"private","resultType":"complete",)"
        R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bascule","version":"0.1.0"}},)"
        R"("tools":[]})"
    );
    EXPECT_TRUE(catalog::with_cache(page, {.ttl_ms = 0, .is_public = true})
                    .starts_with(R"({"ttlMs":0,"cacheScope":"public",)"));
}

}  // namespace
}  // namespace gw::test
