#include "app/typed_arguments.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

constexpr auto schema = R"({"type":"object","properties":{
    "text":{"type":"string"}, "count":{"type":"integer"}, "size":{"type":"number"},
    "deep":{"type":"boolean"}, "list":{"type":"array"}, "map":{"type":"object"},
    "either":{"type":["string","number"]}, "odd":true,
    "maybe":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null},
    "listed":{"type":["string","null"]}, "one":{"enum":["1","2"]}, "mixed":{"enum":["1",2]},
    "only":{"const":"7"}, "named":{"$ref":"#/$defs/Level"},
    "named_or_none":{"oneOf":[{"$ref":"#/$defs/Level"},{"type":"null"}]},
    "count_or_none":{"anyOf":[{"type":"integer"},{"type":"null"}]},
    "open":{"anyOf":[{"type":"string"},{}]}, "endless":{"$ref":"#/$defs/Self"}},
    "$defs":{"Level":{"enum":["1","2"],"type":"string"},"Self":{"$ref":"#/$defs/Self"}}})";

std::string arguments(const std::vector<std::string>& pairs) {
    const auto made = to_arguments(pairs, schema);
    return made ? *made : "refused: " + made.error().text;
}

TEST(TypedArguments, a_value_is_what_the_schema_says_of_its_key) {
    EXPECT_EQ(arguments({}), "{}");
    EXPECT_EQ(arguments({"text=12", "count=12"}), R"({"text":"12","count":12})");
    EXPECT_EQ(arguments({"size=1.50", "deep=true"}), R"({"size":1.50,"deep":true})");
    EXPECT_EQ(arguments({"size=3"}), R"({"size":3})");
    EXPECT_EQ(arguments({"list=[1,\"a\"]", "map={}"}), R"({"list":[1,"a"],"map":{}})");
    EXPECT_EQ(arguments({"text=a=\"b\"\n"}), R"({"text":"a=\"b\"\u000a"})");
    EXPECT_EQ(arguments({"text="}), R"({"text":""})");
}

TEST(TypedArguments, where_the_schema_does_not_say_it_json_is_json_and_all_else_a_string) {
    EXPECT_EQ(arguments({"either=1", "odd=x y"}), R"({"either":1,"odd":"x y"})");
    EXPECT_EQ(arguments({"unknown=null", "more={"}), R"({"unknown":null,"more":"{"})");
    EXPECT_EQ(*to_arguments({"a=1", "b=c"}, ""), R"({"a":1,"b":"c"})");
}

TEST(TypedArguments, what_may_be_a_string_is_one_unless_it_is_json_of_another_type_that_fits) {
    EXPECT_EQ(arguments({"maybe=12345", "listed=1e3"}), R"({"maybe":"12345","listed":"1e3"})");
    EXPECT_EQ(arguments({"maybe=true", "listed=\"a\""}), R"({"maybe":"true","listed":"\"a\""})");
    EXPECT_EQ(arguments({"maybe=null", "listed=null"}), R"({"maybe":null,"listed":null})");
    EXPECT_EQ(arguments({"one=1", "only=7", "mixed=1"}), R"({"one":"1","only":"7","mixed":1})");
    EXPECT_EQ(arguments({"named=1", "named_or_none=2"}), R"({"named":"1","named_or_none":"2"})");
    EXPECT_EQ(arguments({"open=1", "endless=1"}), R"({"open":1,"endless":1})");
    EXPECT_EQ(arguments({"count_or_none=1"}), R"({"count_or_none":1})");
    EXPECT_EQ(
        arguments({"count_or_none=x"}),
        "refused: count_or_none: the tool takes a JSON value of type integer or null"
    );
}

TEST(TypedArguments, what_does_not_fit_is_refused_with_its_key) {
    EXPECT_EQ(
        arguments({"count=x"}), "refused: count: the tool takes a JSON value of type integer"
    );
    EXPECT_EQ(arguments({"deep=1"}), "refused: deep: the tool takes a JSON value of type boolean");
    EXPECT_EQ(arguments({"list=[1"}), "refused: list: the tool takes a JSON value of type array");
    EXPECT_EQ(arguments({"text"}), "refused: text: expected KEY=VALUE");
    EXPECT_EQ(arguments({"=x"}), "refused: =x: expected KEY=VALUE");
    EXPECT_EQ(arguments({"text=a", "text=b"}), "refused: text is given twice");
}

}  // namespace
}  // namespace gw::app::test
