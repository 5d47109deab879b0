#include "calling.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

class ToolsCall : public Calling {
protected:
    ToolsCall() { show({.tools = {"search", "Do It"}}, {.tools = {"now"}}); }

    std::string call(std::string_view params) { return answer("tools/call", params); }
};

TEST_F(ToolsCall, sends_the_upstream_its_own_name_for_the_tool_and_nothing_else_changed) {
    EXPECT_EQ(call(R"({ "arguments":{"q":1.0}, "name":"gh-do-it", "_meta":{} })"), R"("done")");
    EXPECT_EQ(sent(0), R"(tools/call { "arguments":{"q":1.0}, "name":"Do It", "_meta":{} })");
    EXPECT_EQ(call(R"({"name":"time-now"})"), R"("done")");
    EXPECT_EQ(sent(1), R"(tools/call {"name":"now"})");
}

TEST_F(ToolsCall, takes_the_name_in_any_spelling) {
    EXPECT_EQ(call(R"({"name":"gh\u002dsearch"})"), R"("done")");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search"})");
}

TEST_F(ToolsCall, does_not_touch_a_name_that_is_the_servers_own) {
    views.shown.has_plain_names = true;
    views.set({{0, "gh", "gh", to_listing({.tools = {"Do It"}})}});
    EXPECT_EQ(call(R"({"name":"Do It"})"), R"("done")");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"Do It"})");
}

TEST_F(ToolsCall, wraps_results_where_the_client_was_shown_a_wrapped_schema) {
    catalog::Listing listing;
    listing.items[0].push_back({"a", R"({"name":"a","outputSchema":{"type":"array"}})"});
    views.set({{0, "gh", "gh", std::make_shared<const catalog::Listing>(listing)}});
    upstreams.peers[0].answer = [] { return completed(R"({"structuredContent":[1]})"); };
    EXPECT_EQ(call(R"({"name":"gh-a"})"), R"({"structuredContent":{"result":[1]}})");
}

TEST_F(ToolsCall, passes_progress_to_the_caller_before_the_answer) {
    upstreams.peers[0].says = {"notifications/progress", R"({"progress":1})"};
    EXPECT_EQ(call(R"({"name":"gh-search"})"), R"("done")");
    EXPECT_EQ(caller.heard, std::vector<std::string>{R"(notifications/progress {"progress":1})"});
}

TEST_F(ToolsCall, brings_the_callers_answer_to_what_the_upstream_asks) {
    upstreams.peers[0].asks = {"elicitation/create", R"({"message":"Sure?"})"};
    caller.reply = R"({"action":"accept"})";
    EXPECT_EQ(call(R"({"name":"gh-search"})"), R"("done")");
    EXPECT_EQ(caller.heard, std::vector<std::string>{R"(elicitation/create {"message":"Sure?"})"});
    EXPECT_EQ(upstreams.peers[0].was_told, R"({"action":"accept"})");
}

TEST_F(ToolsCall, reaches_nobody_for_a_name_that_is_not_shown) {
    EXPECT_EQ(call(R"({"name":"search"})"), "not_found: Unknown tool: search");
    EXPECT_EQ(call(R"({"name":""})"), "not_found: Unknown tool: ");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ToolsCall, reaches_nobody_for_a_caller_without_a_name) {
    who = "";
    EXPECT_EQ(call(R"({"name":"gh-search"})"), "not_found: unknown: gh-search");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ToolsCall, rejects_malformed_params) {
    for (const auto* params : {"", "{}", R"({"name":7})", R"({"name":null})", R"({"name":{}})"}) {
        EXPECT_EQ(call(params), R"(invalid_params: "name" must be a string)") << params;
    }
    EXPECT_EQ(
        call(R"({"name":"gh-search","arguments":[]})"),
        R"(invalid_params: "arguments" must be an object)"
    );
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ToolsCall, is_never_repeated_because_a_tool_may_do_something) {
    call(R"({"name":"gh-search"})");
    EXPECT_FALSE(sent(0).contains('*'));
}

TEST_F(ToolsCall, passes_an_upstreams_own_error_on_untouched) {
    upstreams.peers[0].answer = [] {
        return mcp::Refused{Slice(std::string(R"({"code":-32602, "message":"no q"})"))};
    };
    EXPECT_EQ(call(R"({"name":"gh-search"})"), R"(refused: {"code":-32602, "message":"no q"})");
}

TEST_F(ToolsCall, passes_a_failure_to_reach_the_upstream_through) {
    upstreams.peers[0].answer = [] { return fail(Errc::timed_out, "gh did not answer in time"); };
    EXPECT_EQ(call(R"({"name":"gh-search"})"), "timed_out: gh: gh did not answer in time");
}

class TaskOnlyTool : public ToolsCall {
protected:
    bool is_followed(mcp::Revision client) {
        revision = client;
        catalog::Listing listing;
        constexpr auto tool = R"({"name":"slow","execution":{"taskSupport":"required"}})";
        listing.items[0].push_back({"slow", tool});
        views.set({{0, "gh", "gh", std::make_shared<const catalog::Listing>(std::move(listing))}});
        call(R"({"name":"gh-slow"})");
        return upstreams.peers[0].last.needs_task;
    }
};

TEST_F(TaskOnlyTool, is_followed_for_a_client_whose_revision_has_no_tasks) {
    EXPECT_TRUE(is_followed(mcp::Revision::r2025_06_18));
}

TEST_F(TaskOnlyTool, is_left_to_a_client_whose_revision_has_them) {
    EXPECT_FALSE(is_followed(mcp::Revision::r2025_11_25));
}

TEST_F(ToolsCall, waits_for_a_view_that_is_not_there_yet) {
    views.is_slow = true;
    EXPECT_EQ(call(R"({"name":"gh-search"})"), R"("done")");
    EXPECT_EQ(call(R"({"name":"search"})"), "not_found: Unknown tool: search");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search"})");
}

TEST_F(ToolsCall, waits_for_a_tool_of_a_server_that_is_still_starting_and_for_no_other) {
    const catalog::Gaps gaps{.missing = {{0, "gh", "it is down"}}, .is_settled = false};
    views.set({{1, "time", "time", to_listing({.tools = {"now"}})}}, gaps);
    EXPECT_EQ(call(R"({"name":"time-now"})"), R"("done")");
    EXPECT_EQ(views.waits_since.size(), 0);
    EXPECT_EQ(
        call(R"({"name":"time-nothing"})"),
        "not_found: Unknown tool: time-nothing (not listed: gh: it is down)"
    );
    EXPECT_EQ(views.waits_since.size(), 1);
    views.set_later({{0, "gh", "gh", to_listing({.tools = {"search"}})}}, gaps);
    EXPECT_EQ(call(R"({"name":"gh-search"})"), R"("done")");
    EXPECT_EQ(views.waits_since.size(), 2);
}

TEST_F(ToolsCall, reaches_the_only_server_behind_a_path_though_it_has_not_been_listed) {
    views.shown.has_plain_names = true;
    views.set({}, {.missing = {{1, "time", "it is down"}}, .is_settled = false});
    EXPECT_EQ(call(R"({"name":"anything"})"), R"("done")");
    EXPECT_EQ(sent(1), R"(tools/call {"name":"anything"})");
    EXPECT_EQ(views.waits_since.size(), 0);
}

TEST_F(ToolsCall, of_an_unknown_name_does_not_go_to_one_server_because_the_other_is_missing) {
    views.shown.has_plain_names = true;
    views.set({{1, "time", "time", to_listing({.tools = {"now"}})}}, {.missing = {{0, "gh", "x"}}});
    EXPECT_EQ(call(R"({"name":"search"})"), "not_found: Unknown tool: search (not listed: gh: x)");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ToolsCall, fails_when_it_is_withdrawn_before_there_is_a_view) {
    views.view = fail(Errc::cancelled, "withdrawn");
    EXPECT_EQ(call(R"({"name":"gh-search"})"), "cancelled: withdrawn");
}

TEST_F(ToolsCall, finds_a_tool_that_only_this_session_has) {
    upstreams.own[1] = to_listing({.tools = {"now", "mine"}});
    EXPECT_EQ(call(R"({"name":"time-mine"})"), R"("done")");
    EXPECT_EQ(sent(1), R"(tools/call {"name":"mine"})");
}

}  // namespace
}  // namespace gw::test
