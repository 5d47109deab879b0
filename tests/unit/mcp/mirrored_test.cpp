#include "mcp/mirrored.hpp"

#include "base/json_scanner.hpp"
#include "mcp/schema.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <string>
#include <string_view>

namespace gw::test {
namespace {

using Type = mcp::MirrorRule::Type;

// A tool whose inputSchema has these properties.
std::string tool(std::string_view properties) {
    return R"({"name":"x","inputSchema":{"type":"object","properties":)" + std::string(properties) +
           "}}";
}

std::string problem(const std::string& text) {
    const auto rules = mcp::mirror_rules(text);
    return rules ? "none" : to_string(rules.error());
}

const std::vector<mcp::MirrorRule> rules{
    {"Region", {"region"}, Type::string},
    {"Limit", {"page", "limit"}, Type::integer},
    {"Dry", {"dry"}, Type::boolean}
};

std::map<std::string, std::string> mirrored(std::string_view arguments) {
    std::map<std::string, std::string> headers;
    for (auto& each : *mcp::mirror(rules, arguments))
        headers[each.header] = each.value;
    return headers;
}

std::string checked(
    std::string_view arguments, const std::map<std::string, std::string, std::less<>>& headers
) {
    const auto outcome = mcp::check_mirrored(
        rules,
        arguments,
        [&](std::string_view name) -> std::optional<std::string_view> {
            const auto found = headers.find(name);
            if (found == headers.end()) return {};
            return found->second;
        }
    );
    return outcome ? "fine" : to_string(outcome.error());
}

TEST(MirrorRules, are_found_at_any_depth) {
    const auto found = mcp::mirror_rules(
        tool(R"({"region":{"type":"string","x-mcp-header":"Region"},"page":{"type":"object",)"
             R"("properties":{"li\u006dit":{"x-mcp-\u0068eader":"Li\u006dit","type":"integer"}}},)"
             R"("dry":{"type":"boolean","x-mcp-header":"Dry","default":{"x-mcp-header":1}}})")
    );
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, rules);
}

// Of all that recurses over what was checked this has the largest frames.
TEST(MirrorRules, are_found_at_the_greatest_depth_that_can_be_set) {
    constexpr int levels = (json::depth_settable_max - 4) / 2;  // Each a schema and its properties.
    std::string properties = R"({"deepest":{"type":"string","x-mcp-header":"Deepest"}})";
    for (int i = 0; i < levels; ++i)
        properties = R"({"a":{"properties":)" + properties + "}}";
    const auto text = tool(properties);
    json::Scanner scanner(text, json::depth_settable_max);
    EXPECT_FALSE(scanner.value().empty());
    EXPECT_EQ(scanner.depth_found(), json::depth_settable_max);
    const auto found = mcp::mirror_rules(text);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1);
    EXPECT_EQ(found->front().path.size(), levels + 1);
    EXPECT_FALSE(mcp::without_mirror_rules(text).contains("x-mcp-header"));
    const auto schema = text.substr(text.find(R"({"type")"));
    EXPECT_TRUE(json::is_valid(mcp::wrapped_schema(schema.substr(0, schema.size() - 1))));
}

// The time that this thread has computed for.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double cost_of(const std::string& text) {
    const auto begin = cpu_seconds();
    EXPECT_EQ(mcp::mirror_rules(text)->size(), 1U);
    EXPECT_FALSE(mcp::without_mirror_rules(text).contains("x-mcp-header"));
    const auto schema = text.substr(text.find(R"({"type")"));
    EXPECT_GT(mcp::wrapped_schema(schema.substr(0, schema.size() - 1)).size(), 1U);
    return cpu_seconds() - begin;
}

// Read anew at each level it would cost 500 times as much.
TEST(MirrorRules, cost_no_more_where_much_stands_deep) {
    const auto much = R"("title":")" + std::string(std::size_t{2} << 20U, 'x') + '"';
    const std::string one = R"("a":{"type":"string","x-mcp-header":"A","$id":"/x",)" + much + "}";
    std::string deep = one;
    for (int i = 0; i < 500; ++i)
        deep = R"("a":{"$id":"/y","properties":{)" + deep + "}}";
    const auto flat = cost_of(tool("{" + one + "}"));
    EXPECT_LT(cost_of(tool("{" + deep + "}")), 50 * flat);
}

TEST(MirrorRules, are_at_most_as_many_as_a_request_has_headers) {
    std::string properties;
    for (int i = 0; i <= 100; ++i) {
        const auto name = std::to_string(i);
        properties.append(i > 0 ? "," : "").append("\"").append(name);
        properties.append(R"(":{"type":"string","x-mcp-header":"H)").append(name).append("\"}");
    }
    EXPECT_EQ(
        problem(tool("{" + properties + "}")),
        "invalid_params: x-mcp-header of inputSchema.100 is one too many: no request has so many"
    );
}

TEST(MirrorRules, are_none_where_nothing_is_annotated) {
    EXPECT_TRUE(mcp::mirror_rules(R"({"name":"x"})")->empty());
    EXPECT_TRUE(mcp::mirror_rules(R"({"name":"x","title":"x-mcp-header \u0041"})")->empty());
    EXPECT_TRUE(mcp::mirror_rules(tool(R"({"x-mcp-header":{"type":"number"}})"))->empty());
    EXPECT_TRUE(mcp::mirror_rules(tool(R"({"a":{"enum":[{"x-mcp-header":"A"}]}})"))->empty());
}

TEST(MirrorRules, have_names_that_are_tokens_and_differ) {
    for (const auto* name : {R"("")", R"("a b")", R"("a:b")", R"("\r")", "1", "null", R"("ä")"}) {
        EXPECT_EQ(
            problem(tool(R"({"a":{"type":"string","x-mcp-header":)" + std::string(name) + "}}")),
            "invalid_params: x-mcp-header of inputSchema.a is not a valid header name"
        ) << name;
    }
    EXPECT_EQ(
        problem(tool(R"({"a":{"type":"string","x-mcp-header":"Aa"},)"
                     R"("b":{"type":"string","x-mcp-header":"aA"}})")),
        "invalid_params: x-mcp-header of inputSchema.b uses the header name of another property"
    );
}

TEST(MirrorRules, are_for_strings_integers_and_booleans) {
    for (const auto* type :
         {R"("type":"number",)", R"("type":["string"],)", R"("type":"object",)", ""}) {
        EXPECT_EQ(
            problem(tool(R"({"a":{)" + std::string(type) + R"("x-mcp-header":"A"}})")),
            "invalid_params: x-mcp-header of inputSchema.a needs the type string, integer or "
            "boolean"
        ) << type;
    }
}

TEST(MirrorRules, are_invalid_where_no_argument_is) {
    constexpr std::string_view one = R"({"type":"string","x-mcp-header":"A"})";
    const auto is_refused = [](const std::string& text) {
        return problem(text).ends_with("is not on a property of the arguments");
    };
    for (const auto* keyword : {"items", "additionalProperties", "not", "if", "then"}) {
        EXPECT_TRUE(
            is_refused(tool(R"({"a":{")" + std::string(keyword) + "\":" + std::string(one) + "}}"))
        ) << keyword;
    }
    EXPECT_TRUE(is_refused(tool(R"({"a":{"oneOf":[)" + std::string(one) + "]}}")));
    EXPECT_TRUE(is_refused(tool(R"({"a":{"$defs":{"x":)" + std::string(one) + "}}}")));
    EXPECT_TRUE(
        is_refused(tool(R"({"a":{"items":{"properties":{"default":)" + std::string(one) + "}}}}"))
    );
    EXPECT_TRUE(is_refused(R"({"inputSchema":)" + std::string(one) + "}"));
}

TEST(MirrorRules, are_refused_in_a_schema_that_two_readers_could_read_in_two_ways) {
    EXPECT_EQ(
        problem(tool(R"({"x-mcp-header":{},"\u0061":{},"a":{}})")),
        R"(invalid_params: "a" stands twice)"
    );
}

TEST(Mirrored, arguments_become_headers) {
    using Headers = std::map<std::string, std::string>;
    EXPECT_EQ(
        mirrored(R"({"region":"eu\u002dwest","page":{"limit":7},"dry":false})"),
        (Headers{
            {"Mcp-Param-Region", "eu-west"}, {"Mcp-Param-Limit", "7"}, {"Mcp-Param-Dry", "false"}
        })
    );
    EXPECT_EQ(
        mirrored(R"({"region":"für"})"), (Headers{{"Mcp-Param-Region", "=?base64?ZsO8cg==?="}})
    );
    EXPECT_EQ(mirrored(R"({"region":""})"), (Headers{{"Mcp-Param-Region", ""}}));
}

TEST(Mirrored, integers_are_written_as_integers) {
    const auto limit = [](const std::string& value) {
        const auto headers = mirrored(R"({"page":{"limit":)" + value + "}}");
        return headers.empty() ? "none" : headers.at("Mcp-Param-Limit");
    };
    EXPECT_EQ(limit("42.0"), "42");
    EXPECT_EQ(limit("-4.2e1"), "-42");
    EXPECT_EQ(limit("-0"), "0");
    EXPECT_EQ(limit("9007199254740991"), "9007199254740991");
    EXPECT_EQ(limit("9007199254740993"), "none");
    EXPECT_EQ(limit("1e999"), "none");
    EXPECT_EQ(limit("1.50"), "1.50");
}

TEST(Mirrored, nothing_stands_for_what_is_null_or_not_there) {
    for (const auto* arguments :
         {"", "{}", R"({"region":null,"page":{},"dry":null})", R"({"region":[1],"page":7})"}) {
        EXPECT_TRUE(mirrored(arguments).empty()) << arguments;
        EXPECT_EQ(checked(arguments, {}), "fine") << arguments;
    }
    for (const auto* arguments : {"", "{}", R"({"region":null})"}) {
        EXPECT_EQ(checked(arguments, {{"Mcp-Param-Region", "x"}}), "fine") << arguments;
        EXPECT_EQ(
            checked(arguments, {{"Mcp-Param-Region", "=?base64?!!?="}}),
            "header_mismatch: Mcp-Param-Region: invalid base64"
        ) << arguments;
    }
}

TEST(Mirrored, a_header_cannot_stand_for_what_has_none) {
    for (const auto* arguments : {R"({"region":["x"]})", R"({"region":{"x":1}})"}) {
        EXPECT_EQ(
            checked(arguments, {{"Mcp-Param-Region", "x"}}),
            "header_mismatch: Mcp-Param-Region is not what the argument is that it mirrors"
        ) << arguments;
    }
    EXPECT_EQ(
        checked(R"({"region":true})", {{"Mcp-Param-Region", "x"}}),
        "header_mismatch: Mcp-Param-Region is not what the argument is that it mirrors"
    );
}

TEST(Mirrored, numbers_that_not_all_readers_can_hold_are_refused) {
    for (const auto* number : {"9007199254740992", "-9007199254740993", "1e400", "-1E+999"}) {
        const auto arguments = R"({"page":{"limit":)" + std::string(number) + "}}";
        constexpr auto refused =
            "header_mismatch: Mcp-Param-Limit mirrors an argument that has to be an integer of at "
            "most 2^53 - 1";
        EXPECT_EQ(checked(arguments, {}), refused) << number;
        EXPECT_EQ(checked(arguments, {{"Mcp-Param-Limit", "1"}}), refused) << number;
        EXPECT_EQ(checked(arguments, {{"Mcp-Param-Limit", number}}), refused) << number;
    }
    EXPECT_EQ(
        checked(R"({"page":{"limit":1e-400}})", {{"Mcp-Param-Limit", "0"}}),
        "header_mismatch: Mcp-Param-Limit mirrors an argument that has to be an integer of at most "
        "2^53 - 1"
    );
}

TEST(Mirrored, headers_must_say_what_the_arguments_say) {
    constexpr auto arguments = R"({"region":"eu","page":{"limit":42},"dry":true})";
    EXPECT_EQ(
        checked(
            arguments,
            {{"Mcp-Param-Region", "=?base64?ZXU=?="},
             {"Mcp-Param-Limit", "42.0"},
             {"Mcp-Param-Dry", "true"}}
        ),
        "fine"
    );
    EXPECT_EQ(
        checked(arguments, {}),
        "header_mismatch: Mcp-Param-Region is missing; it mirrors an argument"
    );
    EXPECT_EQ(
        checked(arguments, {{"Mcp-Param-Region", "Eu"}}),
        "header_mismatch: Mcp-Param-Region is not what the argument is that it mirrors"
    );
    EXPECT_EQ(
        checked(arguments, {{"Mcp-Param-Region", "=?base64?ZXU?="}}),
        "header_mismatch: Mcp-Param-Region: invalid base64"
    );
    for (const auto* limit : {"43", "", "0x2A", "42 ", "inf"}) {
        EXPECT_EQ(
            checked(arguments, {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-Limit", limit}}),
            "header_mismatch: Mcp-Param-Limit is not what the argument is that it mirrors"
        ) << limit;
    }
}

TEST(Mirrored, what_is_sent_passes_the_check) {
    constexpr auto arguments = R"({"region":" \n=?","page":{"limit":4e1},"dry":true})";
    std::map<std::string, std::string, std::less<>> headers;
    for (const auto& [name, value] : mirrored(arguments))
        headers[name] = value;
    EXPECT_EQ(headers.size(), 3);
    EXPECT_EQ(checked(arguments, headers), "fine");
}

TEST(Mirrored, what_no_rule_knows_is_passed_as_it_came) {
    std::vector<mcp::MirroredArgument> all;
    for (const auto* name :
         {"Mcp-Param-Other", "mcp-param-REGION", "Mcp-Param-", "Mcp-Name", "X-Mcp-Param-A"})
        mcp::pass_unknown(all, rules, name, "=?base64?ZXU=?=");
    const mcp::MirroredArgument other{"Mcp-Param-Other", "=?base64?ZXU=?=", true};
    EXPECT_EQ(all, std::vector{other});
}

// What is far down in large arguments is found for all rules at once: a pass for each rule and
// level would take a worker for minutes here.
TEST(Mirrored, large_arguments_are_read_once) {
    constexpr int depth = 40;
    std::vector<mcp::MirrorRule> many;
    for (int i = 0; i < 100; ++i) {
        std::vector<std::string> path(depth, "n");
        path.push_back("k" + std::to_string(i));
        many.push_back({"H" + std::to_string(i), path, Type::string});
    }
    std::string arguments = R"({"k7":"seven","pad":")" + std::string(4'000'000, 'x') + R"("})";
    for (int i = 0; i < depth; ++i)
        arguments = R"({"n":)" + arguments + "}";
    const auto began = std::clock();
    const auto all = mcp::mirror(many, arguments);
    const auto took = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, (std::vector<mcp::MirroredArgument>{{"Mcp-Param-H7", "seven"}}));
    EXPECT_LT(took, 10);
}

TEST(Mirrored, paths_may_begin_with_one_another_and_stand_in_any_order) {
    const std::vector<mcp::MirrorRule> some{
        {"Deep", {"a", "b", "c"}, Type::string},
        {"Other", {"z"}, Type::string},
        {"Short", {"a"}, Type::string},
        {"Middle", {"a", "b"}, Type::string}
    };
    const auto headers = [&](std::string_view arguments) {
        std::string text;
        for (const auto& each : *mcp::mirror(some, arguments))
            text += each.header.substr(10) + "=" + each.value + " ";
        return text;
    };
    EXPECT_EQ(
        headers(R"({"x":{"a":1},"z":"1","a":{"d":[],"b":{"\u0063":"2"}}})"), "Deep=2 Other=1 "
    );
    EXPECT_EQ(headers(R"({"a":"3","z":null})"), "Short=3 ");
    EXPECT_EQ(headers(R"({ "a" : { "b" : true } })"), "Middle=true ");
    EXPECT_EQ(headers("[]") + headers("{}") + headers(""), "");
}

TEST(Mirrored, an_argument_that_stands_twice_is_refused) {
    constexpr auto twice = R"({"region":"a","region":"b"})";
    EXPECT_FALSE(mcp::mirror(rules, twice));
    EXPECT_EQ(checked(twice, {}), R"(invalid_request: "region" stands twice)");
    EXPECT_FALSE(mcp::mirror(rules, R"({"page":{"limit":1,"l\u0069mit":1}})"));
    EXPECT_FALSE(mcp::mirror(rules, R"({"page":{},"page":{"limit":1}})"));
    EXPECT_TRUE(mcp::mirror(rules, R"({"x":1,"x":1,"region":"a"})"));  // Nobody reads it.
}

}  // namespace
}  // namespace gw::test
