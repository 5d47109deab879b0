#include "asking.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

constexpr auto ask_name = R"("who":{"method":"elicitation/create","params":{"message":"Name?"}})";
constexpr auto ask_roots = R"("where":{"method":"roots/list"})";
constexpr auto ask_model = R"("how":{"method":"sampling/createMessage","params":{"maxTokens":10}})";

std::string requests(std::string_view members) {
    return R"("inputRequests":{)" + std::string(members) + "}";
}

class InputRounds : public Asking {
protected:
    void call() { begin("tools/call", R"({"name":"gh-search", "arguments":{"n":1.0}})"); }

    std::string call_number(std::size_t number) { return upstreams.peers[0].received.at(number); }

    std::size_t calls() { return upstreams.peers[0].received.size(); }
};

TEST_F(InputRounds, puts_the_servers_question_to_the_client_and_calls_again_with_its_answer) {
    will_require(requests(ask_name) + R"(,"requestState":"a\u0062\/c")");
    will_answer(R"({"resultType":"complete","content":[]})");
    call();
    EXPECT_EQ(seen(), R"({"id":1,"method":"elicitation/create","params":{"message":"Name?"}})");
    EXPECT_EQ(got, "nothing yet");
    reply("1", R"({"action":"accept","content":{"name":1.50}})");
    EXPECT_EQ(got, R"({"content":[]})");
    EXPECT_EQ(call_number(0), R"(tools/call {"name":"search", "arguments":{"n":1.0}})");
    EXPECT_EQ(
        call_number(1),
        R"(tools/call {"name":"search", "arguments":{"n":1.0})"
        R"(,"inputResponses":{"who":{"action":"accept","content":{"name":1.50}}})"
        R"(,"requestState":"a\u0062\/c"})"
    );
}

TEST_F(InputRounds, asks_all_of_one_result_at_the_same_time) {
    will_require(requests(ask_name + std::string(",") + ask_roots + "," + ask_model));
    will_answer("{}");
    call();
    EXPECT_EQ(
        seen(),
        R"({"id":1,"method":"elicitation/create","params":{"message":"Name?"}} )"
        R"({"id":2,"method":"roots/list"} )"
        R"({"id":3,"method":"sampling/createMessage","params":{"maxTokens":10}})"
    );
    reply("3", R"({"role":"assistant"})");
    reply("1", R"({"action":"decline"})");
    EXPECT_EQ(calls(), 1U);
    reply("2", R"({"roots":[]})");
    EXPECT_EQ(got, "{}");
    EXPECT_TRUE(call_number(1).ends_with(
        R"("inputResponses":{"who":{"action":"decline"},"where":{"roots":[]},)"
        R"("how":{"role":"assistant"}}})"
    )) << call_number(1);
}

TEST_F(InputRounds, sends_the_answers_and_the_state_of_the_last_round_only) {
    will_require(requests(ask_name) + R"(,"requestState":"one")");
    will_require(requests(ask_roots));
    will_answer("{}");
    call();
    reply("1", R"({"action":"accept"})");
    reply("2", R"({"roots":[]})");
    EXPECT_EQ(got, "{}");
    EXPECT_EQ(
        call_number(2),
        R"(tools/call {"name":"search", "arguments":{"n":1.0})"
        R"(,"inputResponses":{"where":{"roots":[]}}})"
    );
}

TEST_F(InputRounds, waits_a_little_longer_each_time_when_there_is_only_a_state) {
    for (int i = 0; i < 3; ++i)
        will_require(R"("requestState":"s")");
    will_answer("{}");
    call();
    around.pass(90ms);
    EXPECT_EQ(calls(), 1U);
    around.pass(40ms);
    EXPECT_EQ(calls(), 2U);
    EXPECT_TRUE(call_number(1).ends_with(R"("n":1.0},"requestState":"s"})")) << call_number(1);
    around.pass(150ms);
    EXPECT_EQ(calls(), 2U);
    around.pass(90ms);
    EXPECT_EQ(calls(), 3U);
    around.pass(350ms);
    EXPECT_EQ(calls(), 3U);
    around.pass(90ms);
    EXPECT_EQ(got, "{}");
}

TEST_F(InputRounds, end_after_ten) {
    for (int i = 0; i < 11; ++i)
        will_require(R"("requestState":"s")");
    call();
    for (int i = 0; i < 11; ++i)
        around.pass(6s);
    EXPECT_EQ(got, "upstream_failed: gh: upstream asked for input again and again");
    EXPECT_EQ(calls(), 11U);
}

TEST_F(InputRounds, end_after_half_an_hour) {
    around.all.ask_timeout = 24h;
    will_require(requests(ask_name));
    call();
    around.pass(29min);
    EXPECT_EQ(got, "nothing yet");
    around.pass(2min);
    around.pass(1s);
    EXPECT_EQ(got, "timed_out: gh: The client did not answer in time");
    EXPECT_TRUE(seen().contains("notifications/cancelled"));
}

TEST_F(InputRounds, a_refused_elicitation_is_one_that_was_cancelled) {
    will_require(requests(ask_name));
    will_answer("{}");
    call();
    refuse("1", R"({"code":-1,"message":"no"})");
    EXPECT_EQ(got, "{}");
    EXPECT_TRUE(call_number(1).ends_with(R"("inputResponses":{"who":{"action":"cancel"}}})"));
}

TEST_F(InputRounds, any_other_refusal_ends_the_call_and_takes_the_other_questions_back) {
    will_require(requests(ask_name + std::string(",") + ask_model));
    call();
    refuse("2", R"({"code":-1,"message":"not now"})");
    EXPECT_EQ(got, "upstream_failed: gh: the client refused sampling/createMessage: not now");
    EXPECT_TRUE(seen().ends_with(R"({"method":"notifications/cancelled","params":{"requestId":1,)"
                                 R"("reason":"no longer needed"}})")
    ) << seen();
    EXPECT_EQ(calls(), 1U);
}

TEST_F(InputRounds, a_server_may_not_ask_for_what_the_client_did_not_declare) {
    capabilities.sampling = false;
    will_require(requests(ask_name + std::string(",") + ask_model));
    call();
    EXPECT_EQ(
        got,
        "upstream_failed: gh: upstream asked for sampling/createMessage in a way that this client "
        "cannot answer"
    );
    EXPECT_EQ(seen(), "");
}

TEST_F(InputRounds, a_client_that_withdraws_its_call_is_not_asked_any_more) {
    will_require(requests(ask_name));
    call();
    withdraw();
    EXPECT_EQ(got, "cancelled: the request was withdrawn");
    EXPECT_TRUE(seen().contains(R"("method":"notifications/cancelled","params":{"requestId":1,)"));
    EXPECT_EQ(calls(), 1U);
}

TEST_F(InputRounds, a_withdrawn_call_does_not_sit_out_its_pause) {
    will_require(R"("requestState":"s")");
    call();
    withdraw();
    EXPECT_EQ(got, "cancelled: the request was withdrawn");
}

TEST_F(InputRounds, an_end_of_the_session_ends_them) {
    will_require(requests(ask_name));
    call();
    session->end();
    around.loop.settle();
    EXPECT_EQ(got, "cancelled: the request was withdrawn");
}

TEST_F(InputRounds, keep_a_client_alive_that_wants_progress) {
    upstreams.peers[0].says = {"notifications/progress", R"({"progressToken":1,"progress":5})"};
    will_require(requests(ask_name));
    will_answer("{}");
    around.all.ask_timeout = 1h;
    begin("tools/call", R"({"name":"gh-search","_meta":{"progressToken":"t"}})");
    around.pass(16s);
    reply("1", "{}");
    EXPECT_EQ(got, "{}");
    around.pass(16s);
    EXPECT_EQ(
        caller.heard,
        (std::vector<std::string>{
            R"(notifications/progress {"progressToken":1,"progress":5})",
            R"(notifications/progress )"
            R"({"progressToken":0,"progress":5.0009765625,"message":"waiting for your answer"})",
            R"(notifications/progress )"
            R"({"progressToken":0,"progress":5.001953125,"message":"waiting for your answer"})"
        })
    );
}

TEST_F(InputRounds, progress_grows_though_the_server_begins_again) {
    upstreams.peers[0].says = {"notifications/progress", R"({"progressToken":1,"progress":5})"};
    will_require(requests(ask_name));
    will_answer("{}");
    call();
    reply("1", "{}");
    EXPECT_EQ(got, "{}");
    EXPECT_EQ(
        caller.heard,
        (std::vector<std::string>{R"(notifications/progress {"progressToken":1,"progress":5})"})
    );
}

TEST_F(InputRounds, are_for_prompts_and_resources_too) {
    will_require(requests(ask_name));
    will_answer(R"({"resultType":"complete","ttlMs":5,"cacheScope":"private","contents":[]})");
    begin("resources/read", R"({"uri":"f:///x"})");
    reply("1", "{}");
    EXPECT_EQ(got, R"({"contents":[]})");
    EXPECT_EQ(call_number(1), R"(resources/read* {"uri":"f:///x","inputResponses":{"who":{}}})");
    EXPECT_EQ(upstreams.peers[0].last.name, "f:///x");
}

TEST_F(InputRounds, tell_the_user_which_of_several_servers_asks) {
    views.set({{0, "gh", "g", to_listing({.tools = {"search"}})}, {1, "t", "t", to_listing({})}});
    will_require(requests(ask_name));
    will_answer("{}");
    begin("tools/call", R"({"name":"g-search"})");
    EXPECT_TRUE(seen().contains(R"("message":"[gh] Name?")")) << seen();
    reply("1", "{}");
    EXPECT_TRUE(upstreams.peers[0].last.names_asker);
}

TEST_F(InputRounds, a_state_of_the_clients_own_making_is_not_passed_on) {
    for (const auto* member : {R"("requestState":"s")", R"("inputResponses":{})"}) {
        begin("tools/call", R"({"name":"gh-search",)" + std::string(member) + "}");
        EXPECT_TRUE(got.starts_with("invalid_params: ")) << got;
    }
    EXPECT_EQ(calls(), 0U);
}

TEST_F(InputRounds, are_the_business_of_a_stateless_client_itself) {
    revision = mcp::Revision::r2026_07_28;
    will_require(requests(ask_name));
    call();
    EXPECT_EQ(got, R"(required: {"resultType":"input_required",)" + requests(ask_name) + "}");
}

TEST_F(InputRounds, what_is_no_question_is_the_servers_fault) {
    will_require(requests(R"("a":{"method":"tools/list","params":{}})"));
    call();
    EXPECT_TRUE(got.starts_with("upstream_failed: ")) << got;
}

TEST_F(InputRounds, a_server_that_was_not_thought_to_ask_does_not_reach_the_client_with_it) {
    upstreams.peers[0].is_stateless = false;
    will_require(requests(ask_name));
    call();
    EXPECT_EQ(got, "upstream_failed: upstream asked for input too late");
}

TEST_F(InputRounds, the_server_learns_for_its_headers_what_it_calls_the_tool) {
    will_answer("{}");
    call();
    EXPECT_EQ(upstreams.peers[0].last.name, "search");
}

}  // namespace
}  // namespace gw::test
