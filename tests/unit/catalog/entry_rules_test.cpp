#include "catalog/entry_rules.hpp"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using catalog::Kind;

// An entry that has what its kind requires, and `more`.
std::string entry(Kind kind, std::string_view more) {
    constexpr std::array<std::string_view, catalog::kind_count> required{
        R"({"name":"a","inputSchema":{"type":"object"})",
        R"({"name":"a")",
        R"({"uri":"a://b","name":"a")",
        R"({"uriTemplate":"a://{b}","name":"a")",
    };
    std::string text(required.at(static_cast<std::size_t>(kind)));
    return text.append(more.empty() ? "" : ",").append(more).append("}");
}

void expect(Kind kind, bool is_readable, std::initializer_list<std::string_view> entries) {
    for (const auto text : entries)
        EXPECT_EQ(catalog::readable(kind, text).has_value(), is_readable) << text;
}

void expect_with(Kind kind, bool is_readable, std::initializer_list<std::string_view> more) {
    for (const auto members : more)
        expect(kind, is_readable, {entry(kind, members)});
}

TEST(EntryRules, each_kind_needs_what_its_schema_requires) {
    for (const auto kind : catalog::kinds)
        expect_with(kind, true, {"", R"("other":[null])", R"("_meta":{"a":1},"icons":[])"});
    expect(
        Kind::tools,
        false,
        {R"({"name":"a"})",
         R"({"name":"a","inputSchema":null})",
         R"({"name":"a","inputSchema":[]})",
         R"({"name":"a","inputSchema":{}})",
         R"({"name":"a","inputSchema":{"type":"array"}})",
         R"({"name":"a","inputSchema":{"type":["object"]}})",
         R"({"name":1,"inputSchema":{"type":"object"}})"}
    );
    expect(Kind::prompts, false, {"{}", R"({"name":null})"});
    expect(Kind::resources, false, {R"({"uri":"a://b"})", R"({"uri":"a://b","name":1})"});
    expect(Kind::templates, false, {R"({"uriTemplate":"a://b"})", R"({"name":"a"})"});
}

// A member that clients need not have, with values that they take and such that they refuse.
struct Optional {
    std::string_view member;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
};

using Optionals = std::vector<Optional>;

constexpr std::string_view no_string[]{"1", "[]", "{}", "true"};

Optional text(std::string_view member) {
    return {member, {R"("")", R"("x")"}, {std::begin(no_string), std::end(no_string)}};
}

Optional boolean(std::string_view member) {
    return {member, {"true", "false"}, {"0", R"("true")", "[]"}};
}

Optional object(std::string_view member) {
    return {member, {"{}", R"({"x":null})"}, {"[]", R"("x")", "1", "false"}};
}

// Every optional member is looked at by itself: what surrounds it stays when it goes.
void expect_optional(
    Kind kind, const Optionals& members, std::string_view before = "", std::string_view behind = ""
) {
    const auto with = [&](std::string_view more) {
        return entry(kind, std::string(before) + std::string(more) + std::string(behind));
    };
    for (const auto& each : members) {
        const auto member = "\"" + std::string(each.member) + "\":";
        const auto end = before.empty() ? "" : R"("z":1)";
        for (const auto value : each.good) {
            const auto whole = with(member + std::string(value));
            EXPECT_EQ(catalog::readable(kind, whole), whole);
        }
        auto bad = each.bad;
        bad.emplace_back("null");
        for (const auto value : bad) {
            const auto left = before.empty() ? entry(kind, "") : with(end);
            const auto rest = std::string(before.empty() ? "" : ",") + end;
            EXPECT_EQ(catalog::readable(kind, with(member + std::string(value) + rest)), left)
                << member << value;
        }
    }
}

TEST(EntryRules, an_optional_member_that_clients_refuse_is_taken_out) {
    const Optional icons{
        "icons",
        {"[]", R"([{"src":"x","mimeType":"a/b","sizes":["48x48"],"theme":"dark"}])"},
        {"{}", R"("x")", "1"}
    };
    const Optional icon_sizes{"sizes", {"[]", R"(["any"])"}, {R"("48x48")", "[1]"}};
    const Optional theme{"theme", {R"("light")"}, {R"("blue")", "1"}};
    for (const auto kind : catalog::kinds) {
        expect_optional(kind, {text("title"), text("description"), object("_meta"), icons});
        expect_optional(
            kind, {text("mimeType"), icon_sizes, theme}, R"("icons":[{"src":"x",)", "}]"
        );
    }
    const Optional audience{
        "audience", {"[]", R"(["user","assistant"])"}, {R"("user")", R"(["x"])", "[1]"}
    };
    const Optional priority{"priority", {"0", "1", "0.5", "1e0"}, {"1.1", "-1", R"("1")", "1e400"}};
    const Optional modified{
        "lastModified",
        {R"("2025-01-12T15:00:58Z")", R"("2025-01-12T15:00:58.123456+01:00")"},
        {R"("2025-01-12T15:00:58.123456")",
         R"("2025-01-12")",
         R"("2025-01-12 15:00:58+00:00")",
         "1736694058"}
    };
    for (const auto kind : {Kind::resources, Kind::templates}) {
        expect_optional(kind, {text("mimeType"), object("annotations")});
        expect_optional(kind, {audience, priority, modified}, R"("annotations":{)", "}");
    }
    expect_optional(
        Kind::resources,
        {{"size", {"0", "1", "-1", "12.0", "1e3"}, {"1.5", "1e400", R"("1")", "{}"}}}
    );
    expect_optional(Kind::tools, {object("annotations"), object("execution")});
    expect_optional(
        Kind::tools,
        {text("title"),
         boolean("readOnlyHint"),
         boolean("destructiveHint"),
         boolean("idempotentHint"),
         boolean("openWorldHint")},
        R"("annotations":{)",
        "}"
    );
    expect_optional(
        Kind::tools,
        {{"taskSupport",
          {R"("required")", R"("optional")", R"("forbidden")"},
          {R"("sometimes")", "true"}}},
        R"("execution":{)",
        "}"
    );
    expect_optional(
        Kind::tools,
        {{"outputSchema",
          {"{}", R"({"type":"array"})", R"({"type":"object","properties":{"x":true}})"},
          {"[]", "1", R"({"required":"x"})", R"({"properties":{"x":1}})", R"({"$schema":1})"}}}
    );
    expect_optional(Kind::prompts, {{"arguments", {"[]"}, {"{}", R"("x")", "1"}}});
    expect_optional(
        Kind::prompts,
        {text("description"), boolean("required")},
        R"("arguments":[{"name":"a",)",
        "}]"
    );
}

TEST(EntryRules, of_a_list_within_an_entry_only_what_is_of_no_use_goes) {
    EXPECT_EQ(
        catalog::readable(
            Kind::prompts, R"({"name":"p","arguments":["x",{},{"name":"a","title":1},{"name":1}]})"
        ),
        R"({"name":"p","arguments":[{"name":"a","title":1}]})"
    );
    EXPECT_EQ(
        catalog::readable(Kind::prompts, R"({"name":"p","icons":[{},{"src":"x"},{"src":null}]})"),
        R"({"name":"p","icons":[{"src":"x"}]})"
    );
}

// Without it the tool would say that it takes something else.
TEST(EntryRules, a_tool_whose_input_schema_is_not_one_is_left_out) {
    const auto with_schema = [](std::string_view more) {
        return R"({"name":"a","inputSchema":{"type":"object",)" + std::string(more) + "}}";
    };
    for (const auto* more :
         {R"("properties":[])",
          R"("properties":{"x":null})",
          R"("properties":{"x":"string"})",
          R"("required":"x")",
          R"("required":[1])",
          R"("$schema":1)"}) {
        expect(Kind::tools, false, {with_schema(more)});
    }
    for (const auto* more :
         {R"("properties":{"x":{"type":3},"y":true})", R"("required":[],"$defs":1)"}) {
        expect(Kind::tools, true, {with_schema(more)});
    }
}

TEST(EntryRules, a_resource_has_a_uri) {
    expect(
        Kind::resources,
        false,
        {R"({"uri":"users/me","name":"a"})",
         R"({"uri":"","name":"a"})",
         R"({"uri":1,"name":"a"})",
         R"({"uri":"http://h:99999/x","name":"a"})"}
    );
    expect(Kind::resources, true, {R"({"uri":"a:\/\/b","name":"a"})"});
    EXPECT_EQ(
        catalog::why_unreadable(Kind::resources, R"({"name":"a","size":1.5,"uri":"users/me"})"),
        R"(its "uri" is not what the protocol says)"
    );
}

// What stands deeper may have names twice, and readers take the first or the last of them.
TEST(EntryRules, every_spelling_of_a_member_counts) {
    for (const auto* twins : {R"("title":"a","title":1)", R"("title":1,"title":"a")"}) {
        EXPECT_EQ(
            catalog::readable(
                Kind::tools, entry(Kind::tools, R"("annotations":{)" + std::string(twins) + "}")
            ),
            entry(Kind::tools, R"("annotations":{"title":"a"})")
        );
    }
    EXPECT_EQ(
        catalog::readable(Kind::tools, entry(Kind::tools, R"("d\u0065scription":1)")),
        entry(Kind::tools, "")
    );
    expect(Kind::tools, true, {R"({"n\u0061me":"a","inputSchema" : {"type":"\u006fbject"} })"});
}

TEST(EntryRules, an_optional_member_that_is_null_counts_as_absent_and_is_taken_out) {
    const auto read = [](Kind kind, std::string_view text) {
        return catalog::readable(kind, text).value_or("refused");
    };
    EXPECT_EQ(
        read(
            Kind::tools,
            R"({"title":null,"name":"null","inputSchema":{"type":"object","properties":null,"x":null},)"
            R"("annotations":{"title":null,"readOnlyHint":true},"outputSchema":null,"_meta":null})"
        ),
        R"({"name":"null","inputSchema":{"type":"object","x":null},"annotations":{"readOnlyHint":true}})"
    );
    EXPECT_EQ(
        read(
            Kind::prompts,
            R"({"name":"p","arguments":[{"name":"a","description":null,"required":null},{"name":"b"}]})"
        ),
        R"({"name":"p","arguments":[{"name":"a"},{"name":"b"}]})"
    );
    EXPECT_EQ(read(Kind::tools, R"({"name":"a","inputSchema":null})"), "refused");
    EXPECT_EQ(read(Kind::resources, R"({"uri":"a:b","name":null})"), "refused");
}

}  // namespace
}  // namespace gw::test
