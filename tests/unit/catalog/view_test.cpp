#include "catalog/view.hpp"

#include "base/json.hpp"
#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;

class View : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    catalog::ViewRules rules;
    std::vector<catalog::Source> sources;
    std::vector<std::string> problems;

    void add(std::string name, const FakeListing& listing) {
        add(std::move(name), to_listing(listing));
    }

    void add(std::string name, catalog::ListingHandle listing) {
        const auto index = static_cast<auth::UpstreamNumber>(sources.size());
        sources.push_back({index, name, name, std::move(listing)});
    }

    // A server with one tool, whose bytes are `tool`.
    void add_tool(std::string name, std::string key, std::string tool) {
        catalog::Listing listing;
        listing.items[0].push_back({std::move(key), std::move(tool)});
        add(std::move(name), std::make_shared<const catalog::Listing>(std::move(listing)));
    }

    catalog::View view() { return {rules, sources, seal, problems}; }

    std::string page(Kind kind, Form form = Form::object_output_schema) {
        return all_of(view()).page(kind, form, 0);
    }

    // Where `name` leads: the upstream's index and its own name for it.
    std::string target(Kind kind, std::string_view name) {
        const auto merged = view();
        const auto found = all_of(merged).find(kind, name);
        if (!found) return to_string(found.error());
        return std::to_string((*found)->upstream) + " " + (*found)->quoted_original;
    }

    std::string resource(std::string_view uri) {
        const auto merged = view();
        const auto found = all_of(merged).find_resource(uri);
        return found ? std::to_string(found->upstream) : to_string(found.error());
    }

    std::string template_owner(std::string_view uri) {
        const auto merged = view();
        const auto found = all_of(merged).find_template(uri);
        return found ? std::to_string(found->upstream) : to_string(found.error());
    }
};

TEST_F(View, lists_all_servers_in_order_and_leads_back_to_them) {
    add("gh", {.tools = {"search", "Do It"}, .prompts = {"review"}});
    add("time", {.tools = {"now"}});
    EXPECT_EQ(
        page(Kind::tools),
        R"({"tools":[{"name":"gh-search"},{"name":"gh-do-it"},{"name":"time-now"}]})"
    );
    EXPECT_EQ(page(Kind::prompts), R"({"prompts":[{"name":"gh-review"}]})");
    EXPECT_EQ(page(Kind::resources), R"({"resources":[]})");
    EXPECT_EQ(page(Kind::templates), R"({"resourceTemplates":[]})");
    EXPECT_EQ(target(Kind::tools, "gh-do-it"), R"(0 "Do It")");
    EXPECT_EQ(target(Kind::tools, "time-now"), R"(1 "now")");
    EXPECT_EQ(target(Kind::prompts, "gh-review"), R"(0 "review")");
}

TEST_F(View, finds_nothing_by_a_name_it_does_not_show) {
    add("gh", {.tools = {"search"}});
    for (const auto* name : {"search", "GH-search", "gh-search ", "gh", ""}) {
        EXPECT_EQ(target(Kind::tools, name), "not_found: unknown: " + std::string(name));
    }
    EXPECT_EQ(target(Kind::prompts, "gh-search"), "not_found: unknown: gh-search");
}

TEST_F(View, changes_nothing_of_an_item_but_its_name) {
    add_tool("gh", "a\"b", R"({ "x":1.0e0, "n\u0061me" : "a\u0022b" ,"inputSchema":{"name":"y"}})");
    EXPECT_EQ(
        page(Kind::tools),
        R"({"tools":[{ "x":1.0e0, "n\u0061me" : "gh-a-b" ,"inputSchema":{"name":"y"}}]})"
    );
    EXPECT_EQ(target(Kind::tools, "gh-a-b"), R"(0 "a\"b")");
}

TEST_F(View, with_plain_names_changes_nothing_at_all) {
    rules.has_plain_names = true;
    add_tool("gh", "Do It!", R"({ "name" : "Do It!", "x":1 })");
    EXPECT_EQ(page(Kind::tools), R"({"tools":[{ "name" : "Do It!", "x":1 }]})");
    EXPECT_EQ(target(Kind::tools, "Do It!"), R"(0 "Do It!")");
}

TEST_F(View, leaves_the_output_schema_out_for_clients_that_do_not_know_it) {
    add_tool("gh", "a", R"({"name":"a", "outputSchema":{"type":"object"},"x":1.0})");
    EXPECT_EQ(
        page(Kind::tools, Form::without_output_schema), R"({"tools":[{"name":"gh-a","x":1.0}]})"
    );
    EXPECT_EQ(
        page(Kind::tools, Form::object_output_schema),
        R"({"tools":[{"name":"gh-a", "outputSchema":{"type":"object"},"x":1.0}]})"
    );
}

TEST_F(View, an_item_without_output_schema_is_the_same_in_both_forms) {
    add_tool("gh", "a", R"({ "name":"a" })");
    EXPECT_EQ(page(Kind::tools, Form::without_output_schema), page(Kind::tools));
}

TEST_F(View, names_that_collide_are_both_shown_each_with_its_own_target) {
    add("a", {.tools = {"b-c"}});
    add("a-b", {.tools = {"c"}});
    const auto merged = view();
    EXPECT_FALSE(all_of(merged).find(Kind::tools, "a-b-c"));
    std::string targets;
    for (const auto& element : *json::elements(
             (*json::Object::parse(all_of(merged).page(Kind::tools, Form::object_output_schema, 0))
             )["tools"],
             9
         )) {
        const auto name = *json::Object::parse(element)->string("name");
        targets += (*all_of(merged).find(Kind::tools, name))->quoted_original + " ";
    }
    EXPECT_EQ(targets, R"("b-c" "c" )");
}

TEST_F(View, a_tool_listed_twice_by_its_server_counts_once_and_is_reported) {
    rules.has_plain_names = true;
    add_tool("gh", "a", R"({"name":"a","x":1})");
    auto twice = *sources[0].listing;
    twice.items[0].push_back({"a", R"({"name":"a","x":2})"});
    sources[0].listing = std::make_shared<const catalog::Listing>(std::move(twice));
    EXPECT_EQ(page(Kind::tools), R"({"tools":[{"name":"a","x":1}]})");
    EXPECT_EQ(problems, std::vector<std::string>{"gh lists a twice; the first counts"});
}

TEST_F(View, shows_only_what_was_chosen) {
    rules.tools = {"gh-search"};
    rules.resources = {"f:///{x}"};
    add("gh", {.tools = {"search", "delete"}, .resources = {"f:///a"}, .templates = {"f:///{x}"}});
    add("other", {.tools = {"x"}});
    EXPECT_EQ(page(Kind::tools), R"({"tools":[{"name":"gh-search"}]})");
    EXPECT_EQ(target(Kind::tools, "gh-delete"), "not_found: unknown: gh-delete");
    EXPECT_EQ(page(Kind::resources), R"({"resources":[]})");
    EXPECT_EQ(page(Kind::templates), R"({"resourceTemplates":[{"uriTemplate":"f:///{x}"}]})");
}

TEST_F(View, a_resource_leads_to_who_lists_it_then_to_the_first_template_that_fits) {
    add("a", {.resources = {"f:///x"}, .templates = {"f:///{name}"}});
    add("b", {.resources = {"f:///y"}, .templates = {"f:///{+path}"}});
    EXPECT_EQ(resource("f:///x") + resource("f:///y"), "01");
    EXPECT_EQ(resource("f:///z") + resource("f:///z/z"), "01");
    EXPECT_EQ(resource("g:///z"), "resource_not_found: Resource not found");
    EXPECT_EQ(template_owner("f:///{+path}") + template_owner("f:///{name}"), "10");
    EXPECT_EQ(template_owner("f:///y"), "1");
    EXPECT_EQ(template_owner("g:///{+path}"), "resource_not_found: Resource not found");
}

// FastMCP matches several segments with {slug*}, and most servers any character but "/" with {x}.
TEST_F(View, a_resource_leads_to_a_template_that_only_a_server_would_match) {
    add("a", {.templates = {"judgment://{slug*}", "note://{title}", "db://{table}"}});
    add("b", {.templates = {"db://{table}{?limit}", "fixed://only"}});
    for (const auto* uri : {"judgment://uksc/2024/12", "note://why?", "note://a?b=c", "note://x#y"})
        EXPECT_EQ(resource(uri), "0") << uri;
    EXPECT_EQ(resource("db://users?limit=1"), "1");
    EXPECT_EQ(resource("db://users#1"), "0");
    EXPECT_EQ(resource("other://x"), "resource_not_found: Resource not found");
    rules.resources = {"note://{title}"};
    EXPECT_EQ(resource("note://why"), "0");
    EXPECT_EQ(resource("note://why?"), "resource_not_found: Resource not found");
}

TEST_F(View, a_resource_that_nobody_lists_leads_to_the_one_server_that_may_have_it) {
    add("a", {.resources = {"report://index", "ui://a/x", "http://a.test/1"}});
    add("b", {.resources = {"memo://b/1", "ui://b/y", "http://b.test/1"}});
    EXPECT_EQ(resource("report://2026/11/28-77"), "0");
    EXPECT_EQ(resource("memo:1"), "1");
    EXPECT_EQ(resource("http://b.test/2"), "1");
    EXPECT_EQ(resource("ui://a"), "0");
    for (const auto* uri : {"http://c.test/1", "other://1", "report", ""})
        EXPECT_EQ(resource(uri), "resource_not_found: Resource not found") << uri;
    rules.resources = {"report://index"};
    EXPECT_EQ(resource("report://2026/11/28-77"), "resource_not_found: Resource not found");
}

TEST_F(View, a_resource_that_one_tool_names_leads_to_its_server) {
    const auto tool = [](std::string name, std::string_view uri) {
        return R"({"name":")" + name + R"(","_meta":{"ui":{"resourceUri":")" + std::string(uri) +
               R"("}}})";
    };
    add("a", {.resources = {"ui://a/x"}});
    add_tool("b", "t", tool("t", "ui://b/view.html"));
    add_tool("c", "t", tool("t", "ui://c/view.html"));
    EXPECT_EQ(resource("ui://b/view.html") + resource("ui://c/view.html"), "12");
    EXPECT_EQ(resource("ui://a/y"), "0");
}

TEST_F(View, the_only_server_that_has_resources_may_have_any) {
    add("a", {.tools = {"t"}});
    add("b", {.resources = {"f:///x"}});
    EXPECT_EQ(resource("g:///y"), "1");
    // A server that is not known yet may have it as well.
    const catalog::View unsettled(
        rules, sources, seal, problems, {.gaps = {.missing = {{7, "c", "it is down"}}}}
    );
    EXPECT_FALSE(all_of(unsettled).find_resource("g:///y"));
    EXPECT_TRUE(all_of(unsettled).find_resource("f:///y"));
}

TEST_F(View, of_one_server_has_every_resource) {
    add("a", {.resources = {"f:///x"}});
    EXPECT_EQ(resource("g:///unlisted"), "0");
}

TEST_F(View, a_resource_listed_twice_stays_with_the_first_and_is_reported) {
    add("a", {.resources = {"f:///x"}});
    add("b", {.resources = {"f:///x"}});
    EXPECT_EQ(page(Kind::resources), R"({"resources":[{"uri":"f:///x"}]})");
    ASSERT_EQ(problems.size(), 1);
    EXPECT_TRUE(problems[0].starts_with("b lists resources that ")) << problems[0];
    EXPECT_EQ(resource("f:///x"), "0");
}

TEST_F(View, the_report_of_a_resource_listed_twice_names_both_servers) {
    add("first", {.resources = {"f:///x"}});
    add("second", {.resources = {"f:///x"}});
    view();
    ASSERT_EQ(problems.size(), 1);
    EXPECT_TRUE(problems[0].contains("first has already")) << problems[0];
}

TEST_F(View, can_what_any_of_its_servers_can) {
    add("a", {.tools = {"x"}, .has_logging = true, .core_tasks = {.calls = true, .list = true}});
    add("b", {.prompts = {"p"}, .has_completions = true, .core_tasks = {.calls = true}});
    const auto profile = all_of(view()).profile();
    EXPECT_EQ(profile.core_tasks, (catalog::CoreTasks{.calls = true, .list = true}));
    EXPECT_EQ(profile.has, (std::array{true, true, false, false}));
    EXPECT_TRUE(profile.has_logging && profile.has_completions);
    EXPECT_FALSE(profile.has_subscribe);
}

TEST_F(View, gathers_the_instructions_under_the_servers_names) {
    rules.instructions = "Ours.";
    add("a", {.instructions = "Of a."});
    EXPECT_EQ(all_of(view()).instructions(), "Ours.\n\nOf a.");
    add("silent", FakeListing());
    add("b", {.instructions = "Of b."});
    EXPECT_EQ(all_of(view()).instructions(), "Ours.\n\n# a\n\nOf a.\n\n# b\n\nOf b.");
}

TEST_F(View, cuts_instructions_that_are_too_long_between_characters) {
    rules.instructions = std::string(16 * 1024 - 1, 'x');
    rules.instructions += "\xc3\xa9";
    EXPECT_EQ(all_of(view()).instructions(), std::string(16 * 1024 - 1, 'x'));
}

TEST_F(View, may_be_kept_as_long_as_every_server_lets_its_lists_be) {
    using namespace std::chrono_literals;
    const TimePoint listed{1h};
    const auto with_hint = [&](std::string name, catalog::CacheHint hint) {
        catalog::Listing listing;
        listing.hints[0] = hint;
        const auto freshness = std::make_shared<catalog::Freshness>();
        freshness->update(listing, listed);
        add(std::move(name), std::make_shared<const catalog::Listing>(std::move(listing)));
        sources.back().freshness = freshness;
    };
    const auto cache = [&](TimePoint now) {
        return all_of(view()).cache_of(Kind::tools, now, 1min);
    };
    add("a", {.tools = {"x"}});
    with_hint("b", {.ttl = {}});
    EXPECT_EQ(cache(listed), (mcp::Cache{.ttl_ms = 60'000, .is_public = true}));
    with_hint("c", {.ttl = 40s});
    with_hint("d", {.ttl = 5min});
    EXPECT_EQ(cache(listed + 10s), (mcp::Cache{.ttl_ms = 30'000, .is_public = true}));
    EXPECT_EQ(cache(listed + 50s), (mcp::Cache{.ttl_ms = 0, .is_public = true}));
    with_hint("e", {.ttl = {}, .is_private = true});
    EXPECT_FALSE(cache(listed).is_public);
    EXPECT_TRUE(all_of(view()).cache_of(Kind::prompts, listed, 1min).is_public);
}

TEST_F(View, tools_that_an_operator_hides_are_neither_listed_nor_called) {
    add("a", {.tools = {"one", "two", "three"}});
    add("b", {.tools = {"one", "two"}});
    sources[0].tools = {.shown = {"one", "two"}, .hidden = {"two"}};
    sources[1].tools.hidden = {"*"};
    EXPECT_EQ(target(Kind::tools, "a-one"), "0 \"one\"");
    for (const auto* name : {"a-two", "a-three", "b-one", "b-two"})
        EXPECT_FALSE(all_of(view()).find(Kind::tools, name)) << name;
}

TEST_F(View, a_server_with_hidden_tools_is_not_called_by_names_that_it_does_not_list) {
    rules.has_plain_names = true;
    add("a", {.tools = {"one"}});
    EXPECT_TRUE(all_of(view()).transparent_for(Kind::tools));
    sources[0].tools.hidden = {"two"};
    EXPECT_FALSE(all_of(view()).transparent_for(Kind::tools));
    EXPECT_TRUE(all_of(view()).transparent_for(Kind::prompts));
}

}  // namespace
}  // namespace gw::test
