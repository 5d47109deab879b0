#include "unit/upstream/duplex/duplex_fixture.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

const std::string question =
    R"({"jsonrpc":"2.0","id":"q\u0031","method":"roots/list","params":{"x":1}})";

class DuplexQuestions : public DuplexTest {};

TEST_F(DuplexQuestions, answers_ping_itself_with_the_id_as_it_was_written) {
    open();
    hear(R"({"jsonrpc":"2.0","id":9007199254740993,"method":"p\u0069ng"})");
    EXPECT_EQ(wire.sent, Lines{R"({"jsonrpc":"2.0","id":9007199254740993,"result":{}})"});
}

TEST_F(DuplexQuestions, asks_the_caller_of_the_only_call) {
    open();
    auto& call = start(request("x"), caller);
    caller.result = R"({"roots":[]})";
    hear(question);
    EXPECT_EQ(caller.heard, Lines{R"(roots/list? {"x":1})"});
    EXPECT_EQ(wire.last(), R"({"jsonrpc":"2.0","id":"q\u0031","result":{"roots":[]}})");
    EXPECT_EQ(outcome(call), "running");
}

TEST_F(DuplexQuestions, asks_outside_when_no_call_runs_or_several_do) {
    open();
    outside.refusal = R"({"code":-1,"message":"no"})";
    hear(question);
    EXPECT_EQ(
        wire.last(), R"({"jsonrpc":"2.0","id":"q\u0031","error":{"code":-1,"message":"no"}})"
    );
    start(request("x"), caller);
    start(request("x"), caller);
    hear(question);
    EXPECT_EQ(outside.heard.size(), 2U);
    EXPECT_TRUE(caller.heard.empty());
}

TEST_F(DuplexQuestions, says_that_there_is_no_such_method_when_the_client_lacks_it) {
    open();
    outside.failure = Error{Errc::capability_missing, "no roots", {}, {}};
    hear(question);
    EXPECT_TRUE(wire.last().contains(R"("error":{"code":-32601,"message":"Method not found"})"));
    outside.failure = Error{Errc::timed_out, "late", "secret", {}};
    hear(question);
    EXPECT_TRUE(wire.last().contains(R"("code":-32603)"));
    EXPECT_FALSE(wire.last().contains("secret"));
}

TEST_F(DuplexQuestions, goes_on_while_somebody_thinks) {
    open();
    caller.thinks = true;
    auto& call = start(request("x"), caller);
    hear(question);
    hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
    EXPECT_EQ(caller.heard.back(), "notifications/message {}");
    caller.thoughts.front()->set();
    loop.settle();
    EXPECT_EQ(wire.last(), R"({"jsonrpc":"2.0","id":"q\u0031","result":{}})");
    EXPECT_EQ(outcome(call), "running");
}

TEST_F(DuplexQuestions, takes_a_question_back_when_the_server_does_and_does_not_answer_it) {
    open();
    caller.thinks = true;
    start(request("x"), caller);
    hear(question);
    const auto cancelled = [](std::string_view id) {
        return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
               std::string(id) + "}}";
    };
    hear(cancelled("1"));
    EXPECT_EQ(caller.heard.size(), 1U);
    hear(cancelled(R"("q\u0031")"));
    EXPECT_EQ(caller.heard.back(), "withdrawn");
    EXPECT_EQ(wire.sent.size(), 1U);
}

TEST_F(DuplexQuestions, do_not_outlive_their_call) {
    open();
    caller.thinks = true;
    auto& call = start(request("x"), caller);
    hear(question);
    hear(R"({"jsonrpc":"2.0","id":1,"result":{}})");
    EXPECT_EQ(outcome(call), "{}");
    EXPECT_EQ(caller.heard.back(), "withdrawn");
    EXPECT_TRUE(wire.last().starts_with(R"({"jsonrpc":"2.0","id":"q\u0031","error":)"));
}

TEST_F(DuplexQuestions, are_refused_when_the_call_ends_before_they_were_asked) {
    open();
    caller.is_slow = true;
    auto& call = start(request("x"), caller);
    hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
    hear(question);
    caller.call->withdraw();
    caller.go_on.set();
    loop.settle();
    EXPECT_EQ(outcome(call), "cancelled: the request was withdrawn");
    EXPECT_EQ(wire.sent.size(), 3U);
    EXPECT_TRUE(wire.sent[1].starts_with(R"({"jsonrpc":"2.0","id":"q\u0031","error":)"));
    EXPECT_EQ(caller.heard, Lines{"notifications/message {}"});
}

TEST_F(DuplexQuestions, need_different_ids) {
    open();
    outside.thinks = true;
    hear(question);
    hear(question);
    EXPECT_EQ(outside.heard.size(), 1U);
    EXPECT_EQ(logged.size(), 1U);
}

TEST_F(DuplexQuestions, are_bounded_in_number) {
    open();
    outside.thinks = true;
    for (std::size_t i = 0; i <= Duplex::questions_max; ++i) {
        hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(i) + R"(,"method":"roots/list"})");
    }
    EXPECT_EQ(outside.heard.size(), Duplex::questions_max);
    ASSERT_EQ(wire.sent.size(), 1U);
    EXPECT_TRUE(wire.last().starts_with(R"({"jsonrpc":"2.0","id":64,"error":)"));
}

// How long a call may take, while users are asked.
class DuplexClocks : public DuplexQuestions {
protected:
    using Seconds = std::chrono::seconds;

    Running& start_for(Seconds time, mcp::Exchange& who, Seconds most = Seconds(100)) {
        const std::string_view params = R"({"_meta":{"progressToken":"p"}})";
        auto limited = request("x", params);
        limited.progress_token = params.substr(26, 3);
        limited.deadline = wheel.now() + time;
        limited.deadline_max = wheel.now() + most;
        return start(std::move(limited), who);
    }

    void reply(Caller& who) {
        ASSERT_FALSE(who.thoughts.empty());
        who.thoughts.back()->set();
        loop.settle();
    }

    static constexpr std::string_view late = "timed_out: Upstream server did not answer in time";
    static constexpr std::string_view progress =
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}})";
};

TEST_F(DuplexClocks, stand_still_while_the_caller_is_asked_and_begin_anew_afterwards) {
    open();
    caller.thinks = true;
    auto& call = start_for(2s, caller);
    hear(question);
    hear(progress);
    pass(60s);
    EXPECT_EQ(outcome(call), "running");
    reply(caller);
    pass(1s);
    EXPECT_EQ(outcome(call), "running");
    pass(2s);
    EXPECT_EQ(outcome(call), late);
}

TEST_F(DuplexClocks, stand_still_for_all_calls_under_way_when_the_server_may_ask_for_any) {
    open();
    outside.thinks = true;
    auto& first = start_for(2s, caller);
    auto& second = start_for(2s, caller);
    hear(question);
    auto& later = start_for(2s, caller);
    pass(60s);
    EXPECT_EQ(outcome(first) + " " + outcome(second), "running running");
    EXPECT_EQ(outcome(later), late);
    hear(R"({"jsonrpc":"2.0","id":2,"result":{}})");
    EXPECT_EQ(outcome(second), "{}");
    reply(outside);
    EXPECT_EQ(outcome(first), "running");
    pass(3s);
    EXPECT_EQ(outcome(first), late);
}

TEST_F(DuplexClocks, stand_still_until_the_last_answer_and_count_nothing_of_that_time) {
    open();
    caller.thinks = true;
    auto& call = start_for(2s, caller, 3s);
    hear(question);
    hear(R"({"jsonrpc":"2.0","id":"q2","method":"roots/list"})");
    pass(60s);
    reply(caller);
    pass(60s);
    EXPECT_EQ(outcome(call), "running");
    reply(caller);
    pass(1s);
    EXPECT_EQ(outcome(call), "running");
    pass(2s);
    EXPECT_EQ(outcome(call), late);
}

TEST_F(DuplexClocks, are_not_begun_for_a_call_that_was_withdrawn_meanwhile) {
    open();
    Caller slow{loop};
    slow.is_slow = outside.thinks = true;
    auto& call = start_for(2s, slow);
    start_for(2s, caller);
    hear(question);
    hear(progress);
    slow.call->withdraw();
    reply(outside);
    pass(1s);
    EXPECT_EQ(outcome(call), "cancelled: the request was withdrawn");
}

// Errc::unknown_session would let it be sent again.
TEST_F(DuplexQuestions, and_what_else_names_no_call_may_be_of_any_that_runs) {
    open();
    for (const auto& [message, kind] : std::vector<std::pair<std::string, std::string>>{
             {question, "upstream_failed"},
             {R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})",
              "upstream_failed"},
             {R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"?","progress":1}})",
              "upstream_failed"},
             {R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})", "unknown_session"
             },
             {R"({"jsonrpc":"2.0","id":"p","method":"ping"})", "unknown_session"},
         }) {
        const auto& first = start(request("x"), caller);
        const auto& second = start(request("x"), caller);
        auto harmless = request("x");
        harmless.is_repeatable = true;
        const auto& third = start(std::move(harmless), caller);
        hear(message);
        for (CallId id = 1; id <= 15; ++id)
            duplex.fail(id, {Errc::unknown_session, "gone", {}, {}});
        loop.settle();
        EXPECT_EQ(outcome(first), kind + ": gone") << message;
        EXPECT_EQ(outcome(second), kind + ": gone") << message;
        EXPECT_EQ(outcome(third), "unknown_session: gone") << message;
    }
}

}  // namespace
}  // namespace gw::upstream
