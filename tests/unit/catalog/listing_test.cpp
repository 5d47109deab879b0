#include "catalog/listing.hpp"

#include "base/json_depth.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using catalog::Kind;

std::string items(Kind kind, std::string_view array) {
    catalog::Skipped skipped;
    const auto found = catalog::parse_items(kind, array, json::depth_usual, skipped);
    if (!found) return to_string(found.error());
    std::string text;
    for (const auto& item : *found)
        text += item.key + "=" + item.bytes + " ";
    return text + "skipped " + std::to_string(skipped.count);
}

std::string profile(std::string_view initialize_result) {
    const auto found = catalog::parse_profile(initialize_result);
    if (!found) return to_string(found.error());
    std::string text = found->name + " [" + found->instructions + "]";
    for (const auto kind : catalog::kinds) {
        if (!found->has[static_cast<std::size_t>(kind)]) continue;
        text += " " + std::string(catalog::names_of(kind).member);
    }
    if (found->has_completions) text += " completions";
    if (found->has_logging) text += " logging";
    if (found->has_subscribe) text += " subscribe";
    if (found->core_tasks.calls) text += " tasks";
    if (found->core_tasks.list) text += " tasks/list";
    if (found->core_tasks.cancel) text += " tasks/cancel";
    return text;
}

TEST(Listing, keeps_the_bytes_of_each_item) {
    EXPECT_EQ(
        items(
            Kind::prompts, R"([ {"name":"a", "x":1.00e1}, { "y" : "\u00e9", "name":"\u0062" } ])"
        ),
        R"(a={"name":"a", "x":1.00e1} b={ "y" : "\u00e9", "name":"\u0062" } skipped 0)"
    );
}

TEST(Listing, takes_line_breaks_out_so_that_an_item_fits_on_a_line) {
    EXPECT_EQ(
        items(Kind::prompts, "[{\r\n  \"name\":\n\"a\"\n}]"), "a={  \"name\":\"a\"} skipped 0"
    );
}

TEST(Listing, finds_each_kind_by_its_own_key) {
    EXPECT_EQ(
        items(Kind::resources, R"([{"uri":"f:///x","name":"n"}])"),
        R"(f:///x={"uri":"f:///x","name":"n"} skipped 0)"
    );
    EXPECT_EQ(
        items(Kind::templates, R"([{"uriTemplate":"f:///{x}","name":"n"}])"),
        R"(f:///{x}={"uriTemplate":"f:///{x}","name":"n"} skipped 0)"
    );
}

TEST(Listing, leaves_out_and_counts_what_cannot_be_named) {
    EXPECT_EQ(
        items(
            Kind::prompts,
            R"([1,{"name":"a"},{},{"name":7},{"name":""},{"name":"b","name":"c"},[],{"title":"t"}])"
        ),
        R"(a={"name":"a"} skipped 7)"
    );
}

TEST(Listing, leaves_out_and_counts_what_clients_could_not_read) {
    EXPECT_EQ(
        items(Kind::tools, R"([{"name":"a"},{"name":"b","inputSchema":{"type":"object"}}])"),
        R"(b={"name":"b","inputSchema":{"type":"object"}} skipped 1)"
    );
}

TEST(Listing, half_characters_make_no_name_and_are_replaced_elsewhere) {
    EXPECT_EQ(
        items(Kind::prompts, R"([{"name":"a\ud83d"},{"name":"b","description":"cut \ud83d"}])"),
        R"(b={"name":"b","description":"cut \ufffd"} skipped 1)"
    );
}

TEST(Listing, refuses_what_is_no_list) {
    EXPECT_EQ(items(Kind::tools, "{}").substr(0, 16), "invalid_request:");
    EXPECT_EQ(items(Kind::tools, "[{]").substr(0, 10), "malformed:");
}

TEST(Profile, says_what_the_server_can_do) {
    EXPECT_EQ(
        profile(
            R"({"protocolVersion":"2025-06-18","serverInfo":{"name":"every"},"instructions":"a\nb",)"
            R"("capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},)"
            R"("prompts":{},"logging":{},"completions":{}}})"
        ),
        "every [a\nb] tools prompts resources resourceTemplates completions logging subscribe"
    );
    EXPECT_EQ(
        profile(R"({"serverInfo":{"name":"t"},"capabilities":{"resources":{"subscribe":false}}})"),
        "t [] resources resourceTemplates"
    );
}

TEST(Profile, has_the_tasks_of_the_core_if_tool_calls_can_be_tasks) {
    const auto tasks = [](std::string_view capability) {
        return profile(R"({"capabilities":{"tasks":)" + std::string(capability) + "}}");
    };
    EXPECT_EQ(
        tasks(R"({"list":{},"cancel":{},"requests":{"tools":{"call":{}}}})"),
        " [] tasks tasks/list tasks/cancel"
    );
    EXPECT_EQ(tasks(R"({"list":null,"requests":{"tools":{"call":{}}}})"), " [] tasks");
    for (const auto* none :
         {"{}", "true", R"({"list":{},"requests":{"tools":{}}})", R"({"list":{},"requests":[]})"})
        EXPECT_EQ(tasks(none), " []") << none;
}

TEST(Profile, takes_a_server_that_says_nothing_of_itself) {
    EXPECT_EQ(profile("{}"), " []");
    EXPECT_EQ(profile(R"({"capabilities":{"tools":null,"logging":false}})"), " []");
}

TEST(Profile, refuses_what_is_no_result_of_initialize) {
    EXPECT_EQ(profile("[]").substr(0, 16), "invalid_request:");
    EXPECT_EQ(
        profile(R"({"capabilities":[]})"), R"(invalid_params: "capabilities" must be an object)"
    );
}

TEST(add_hint, takes_the_shortest_time_of_all_pages) {
    using std::chrono::milliseconds;
    catalog::CacheHint hint;
    catalog::add_hint(hint, "", "");
    EXPECT_FALSE(hint.ttl);
    catalog::add_hint(hint, "5000", R"("public")");
    catalog::add_hint(hint, "6000", "");
    EXPECT_EQ(hint.ttl, milliseconds(5000));
    EXPECT_FALSE(hint.is_private);
    catalog::add_hint(hint, "-1", R"("private")");
    EXPECT_EQ(hint.ttl, milliseconds(0));
    EXPECT_TRUE(hint.is_private);
    for (const auto* wrong : {"1.5", "\"1\"", "null", "{}"}) {
        catalog::CacheHint none;
        catalog::add_hint(none, wrong, wrong);
        EXPECT_FALSE(none.ttl) << wrong;
    }
}

TEST(Listing, an_entry_that_is_too_deep_is_left_out_alone) {
    const auto tool = [](const std::string& name, std::size_t depth) {
        return R"({"name":")" + name + R"(","inputSchema":{"type":"object","x":)" +
               std::string(depth, '[') + std::string(depth, ']') + "}}";
    };
    catalog::Skipped skipped;
    const auto array = "[" + tool("a", 100) + "," + tool("b", 511) + "," + tool("c", 510) + "]";
    const auto items = catalog::parse_items(catalog::Kind::tools, array, 512, skipped);
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), 2);
    EXPECT_EQ(items->at(0).key + items->at(1).key, "ac");
    EXPECT_EQ(skipped.count, 1);
    EXPECT_EQ(
        skipped.reasons,
        std::vector<std::string>{"b is nested 513 levels deep; limits.depth_max is 512"}
    );
}

TEST(Listing, of_items_that_are_left_out_the_first_are_named_with_the_reason) {
    catalog::Skipped skipped;
    const auto* const array =
        R"([{"name":"a"},{"name":1},{"name":"c","inputSchema":3,"icons":3},
        {"name":"d"},{"name":"e"}])";
    ASSERT_TRUE(catalog::parse_items(catalog::Kind::tools, array, 512, skipped));
    EXPECT_EQ(skipped.count, 5);
    EXPECT_EQ(
        skipped.reasons,
        (std::vector<std::string>{
            "a: it lacks a member that the protocol requires",
            R"("name" must be a string)",
            R"(c: its "inputSchema" is not what the protocol says)"
        })
    );
}

}  // namespace
}  // namespace gw::test
