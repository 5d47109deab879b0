#include "upstream/duplex/duplex.hpp"

#include "async/deadline.hpp"
#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "upstream/stateless/stateless_terms.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST_F(DuplexTest, opens_with_initialize_and_initialized) {
    std::optional<Result<Slice>> opened;
    calls.spawn(keep_open(duplex, opened));
    loop.settle();
    EXPECT_EQ(
        wire.last(),
        R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}})"
    );
    hear(R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}})");
    EXPECT_EQ((*opened)->view(), R"({"protocolVersion":"2025-06-18"})");
    EXPECT_EQ(wire.last(), R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

TEST_F(DuplexTest, does_not_open_without_a_protocol_version_that_it_speaks_or_when_refused) {
    for (const auto* answer :
         {R"("result":{})",
          R"("result":{"protocolVersion":1})",
          R"("result":{"protocolVersion":"2031-01-01"})",
          R"("error":{"code":-32602,"message":"no"})"}) {
        Duplex other{loop, wheel, limits, log, wire, outside};
        std::optional<Result<Slice>> opened;
        calls.spawn(keep_open(other, opened));
        loop.settle();
        Buffer text;
        text.append(R"({"jsonrpc":"2.0","id":0,)").append(answer).append("}");
        other.receive(std::move(text), nullptr);
        loop.settle();
        EXPECT_EQ(opened->error().kind, Errc::upstream_failed) << answer;
        loop.run(other.close({Errc::cancelled, "closed", {}, {}}));
    }
}

Task<> open_until(
    Duplex& duplex, async::Wheel& wheel, TimePoint when, std::optional<Result<Slice>>& opened
) {
    const async::Deadline deadline(wheel, when, co_await this_fiber());
    opened = co_await duplex.open("{}");
}

TEST_F(DuplexTest, does_not_open_for_longer_than_its_caller_waits) {
    std::optional<Result<Slice>> opened;
    calls.spawn(open_until(duplex, wheel, wheel.now() + 1s, opened));
    loop.settle();
    EXPECT_FALSE(opened);
    pass(2s);
    EXPECT_EQ(opened ? opened->error().kind : Errc::internal, Errc::cancelled);
    EXPECT_EQ(wire.sent.size(), 1U);  // MCP: initialize "MUST NOT be cancelled by clients".
}

TEST_F(DuplexTest, gives_each_call_its_own_answer_as_it_was_written) {
    open();
    auto& a = start(request("tools/call", R"({"name":"a"})"), caller);
    auto& b = start(request("ping"), caller);
    EXPECT_EQ(
        wire.sent,
        (Lines{
            R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}})",
            R"({"jsonrpc":"2.0","id":2,"method":"ping"})"
        })
    );
    hear(R"({"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"x"}})");
    hear(R"({ "result": {"n": 9007199254740993.0}, "id": 1, "jsonrpc": "2.0" })");
    EXPECT_EQ(outcome(a), R"({"n": 9007199254740993.0})");
    EXPECT_EQ(outcome(b), R"(refused {"code":-1,"message":"x"})");
}

TEST_F(DuplexTest, drops_answers_to_nothing) {
    open();
    auto& call = start(request("ping"), caller);
    for (const auto* id :
         {"2", "0", "\"01\"", "\"\\u0031\"", "-1", "1.0", "18446744073709551617"}) {
        hear(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":{"wrong":1}})");
    }
    hear(R"({"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}})");
    hear("npm notice: a new version");
    EXPECT_EQ(outcome(call), "running");
    EXPECT_EQ(logged.size(), 9U);
    hear(R"({"jsonrpc":"2.0","id":1,"result":{"right":1}})");
    hear(R"({"jsonrpc":"2.0","id":1,"result":{"second":1}})");
    EXPECT_EQ(outcome(call), R"({"right":1})");
}

TEST_F(DuplexTest, fails_the_call_whose_answer_is_broken) {
    open();
    auto& call = start(request("ping"), caller);
    int id = 2;
    hear(R"({"jsonrpc":"2.0","id":1,"result":[]})");
    const std::string broken = "upstream_failed: upstream sent a broken message: ";
    EXPECT_EQ(outcome(call), broken + R"("result" must be an object)");
    const auto deep = R"("error":{"code":1,"message":"x","data":)" + std::string(700, '[') +
                      std::string(700, ']') + "}}";
    for (const auto& [rest, why] : std::vector<std::pair<std::string, std::string>>{
             {R"("error":{"code":"E1","message":"x"}})",
              R"("error" must have an integer "code" and a string "message")"},
             {R"("result":{"x":"\q"}})", "not valid JSON"},
             {deep, "JSON nested 702 levels deep; limits.depth_max is 512"}
         }) {
        auto& next = start(request("ping"), caller);
        hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(id++) + "," + rest);
        EXPECT_EQ(outcome(next), broken + why) << rest;
    }
}

TEST_F(DuplexTest, takes_an_answer_whose_id_is_ours_as_a_string) {
    open();
    auto& call = start(request("ping"), caller);
    hear(R"({"jsonrpc":"2.0","id":"1","result":{"right":1}})");
    EXPECT_EQ(outcome(call), R"({"right":1})");
}

TEST_F(DuplexTest, passes_over_log_lines_that_have_the_id_of_a_call) {
    open();
    auto& call = start(request("ping"), caller);
    for (const std::string line :
         {R"({"level":"info","msg":"order stored","id":1})",
          R"({"level":"info","id":1,"method":"tools/call"})",
          R"({"level":"error","id":1,"error":"late"})"}) {
        hear(line);
        EXPECT_EQ(outcome(call), "running");
        EXPECT_TRUE(logged.back().starts_with("sent what is no message (")) << logged.back();
        EXPECT_TRUE(logged.back().ends_with(line)) << logged.back();
    }
    hear(R"({"jsonrpc":"2.0","id":1,"result":{"charged":1}})");
    EXPECT_EQ(outcome(call), R"({"charged":1})");
}

// Two clients of one stateless server. What names no request may be of any call that it works on.
class DuplexStrays : public DuplexTest {
protected:
    struct Client {
        explicit Client(DuplexStrays& test) : caller(test.loop) {}

        StatelessTerms terms{LinkPurpose{}};
        Caller caller;
    };

    void SetUp() override {
        duplex.speak(Era::stateless);
        loop.run(duplex.share());
    }

    void TearDown() override {
        duplex.fail_all({Errc::cancelled, "over", {}, {}});
        loop.settle();
    }

    static Task<> keep_of(Duplex& of, Client& who) {
        std::ignore = co_await of.call(request("tools/call", "{}"), who.caller, &who.terms);
    }

    // Begins a call; its id.
    int begin(Client& who) {
        calls.spawn(keep_of(duplex, who));
        loop.settle();
        return next_++;
    }

    void give_up(const Client& who) {
        who.caller.call->withdraw();
        loop.settle();
    }

    void answer(int id) {
        hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":{}})");
    }

    // Whether a log message that comes now reaches the client.
    bool hears(const Client& who) {
        const auto before = who.caller.heard.size();
        hear(
            R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":1}})"
        );
        return who.caller.heard.size() > before;
    }

    Client a{*this};
    Client b{*this};

private:
    int next_ = 0;
};

TEST_F(DuplexStrays, keep_what_names_no_request_from_others_for_a_minute) {
    begin(a);
    give_up(a);
    begin(b);
    EXPECT_FALSE(hears(b));
    pass(59s);
    EXPECT_FALSE(hears(b));
    pass(2s);
    EXPECT_TRUE(hears(b));
}

TEST_F(DuplexStrays, end_when_the_server_answers_them) {
    const auto first = begin(a);
    give_up(a);
    const auto second = begin(a);
    give_up(a);
    begin(b);
    answer(first);
    EXPECT_FALSE(hears(b));
    answer(second);
    EXPECT_TRUE(hears(b));
}

TEST_F(DuplexStrays, of_a_client_itself_keep_nothing_from_it) {
    begin(a);
    give_up(a);
    begin(a);
    EXPECT_TRUE(hears(a));
}

TEST_F(DuplexStrays, of_one_that_has_left_are_nobodys) {
    begin(a);
    duplex.end_calls(a.terms, {Errc::cancelled, "closed", {}, {}});
    loop.settle();
    begin(a);  // Stands for another link whose terms are where those were.
    EXPECT_FALSE(hears(a));
    pass(61s);
    EXPECT_TRUE(hears(a));
}

TEST_F(DuplexStrays, are_reckoned_with_however_many_they_are) {
    for (int i = 0; i < 200; ++i) {
        begin(a);
        give_up(a);
    }
    const auto last = begin(b);
    for (int i = 100; i < 200; ++i)
        answer(i);
    EXPECT_FALSE(hears(b));
    pass(61s);
    EXPECT_TRUE(hears(b));
    answer(last);
}

TEST_F(DuplexTest, takes_a_batch_apart) {
    open();
    auto& a = start(request("ping"), caller);
    auto& b = start(request("ping"), caller);
    hear(
        R"( [{"jsonrpc":"2.0","id":2,"result":{"b":1}}, {"jsonrpc":"2.0","id":1,"result":{"a":1}}])"
    );
    EXPECT_EQ(outcome(a) + outcome(b), R"({"a":1}{"b":1})");
}

TEST_F(DuplexTest, maps_progress_tokens_and_sends_progress_to_its_own_call) {
    open();
    Caller second{loop};
    const std::string_view params = R"({"_meta":{"progressToken":"mine"}})";
    auto wanted = request("x", params);
    wanted.progress_token = params.substr(26, 6);
    auto& a = start(wanted, caller);
    start(wanted, second);
    EXPECT_EQ(
        wire.last(),
        R"({"jsonrpc":"2.0","id":2,"method":"x","params":{"_meta":{"progressToken":2}}})"
    );
    const auto progress = [](std::string_view token) {
        return R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
               std::string(token) + R"(,"progress":1}})";
    };
    for (const auto* token : {"2", "3", "\"2\"", "\"mine\""})
        hear(progress(token));
    EXPECT_EQ(
        second.heard, Lines{R"(notifications/progress {"progressToken":2,"progress":1} token 2)"}
    );
    EXPECT_TRUE(caller.heard.empty());
    hear(R"({"jsonrpc":"2.0","id":1,"result":{}})");
    outside.heard.clear();
    hear(progress("1"));
    EXPECT_TRUE(caller.heard.empty());
    EXPECT_EQ(outside.heard.size(), 1U);  // It may be that of a task.
    EXPECT_EQ(outcome(a), "{}");
    duplex.fail_all({Errc::upstream_failed, "gone", {}, {}});
    loop.settle();
}

TEST_F(DuplexTest, sends_no_progress_to_a_call_that_wants_none) {
    open();
    start(request("x"), caller);
    hear(
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}})"
    );
    EXPECT_TRUE(caller.heard.empty());
    EXPECT_TRUE(outside.heard.empty());
}

TEST_F(DuplexTest, gives_other_notifications_to_the_only_call_else_outside) {
    open();
    const auto* const message =
        R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}})";
    hear(message);
    EXPECT_EQ(outside.heard.size(), 1U);
    start(request("x"), caller);
    hear(message);
    EXPECT_EQ(caller.heard, Lines{R"(notifications/message {"data":1})"});
    start(request("x"), caller);
    hear(message);
    EXPECT_EQ(outside.heard.size(), 2U);
    EXPECT_EQ(caller.heard.size(), 1U);
}

TEST_F(DuplexTest, keeps_changes_of_the_catalogue_and_of_tasks_out_of_calls) {
    open();
    start(request("x"), caller);
    hear(R"({"jsonrpc":"2.0","method":"notifications/tools\/list_changed"})");
    hear(R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a"}})");
    hear(R"({"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t"}})");
    EXPECT_EQ(
        outside.heard,
        (Lines{
            "notifications/tools/list_changed ",
            R"(notifications/resources/updated {"uri":"a"})",
            R"(notifications/tasks/status {"taskId":"t"})"
        })
    );
    EXPECT_TRUE(caller.heard.empty());
}

TEST_F(DuplexTest, delivers_what_came_before_the_answer_before_it) {
    open();
    caller.is_slow = true;
    auto& call = start(request("x"), caller);
    hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}})");
    hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"n":2}})");
    hear(R"({"jsonrpc":"2.0","id":1,"result":{}})");
    EXPECT_EQ(outcome(call), "running");
    caller.go_on.set();
    loop.settle();
    EXPECT_EQ(outcome(call), "running");
    caller.go_on.set();
    loop.settle();
    EXPECT_EQ(outcome(call), "{}");
    EXPECT_EQ(caller.heard.size(), 2U);
}

TEST_F(DuplexTest, cancels_upstream_what_was_withdrawn) {
    open();
    auto& call = start(request("x"), caller);
    caller.call->withdraw();
    EXPECT_EQ(outcome(call), "running");  // It does not resume inside.
    loop.settle();
    EXPECT_EQ(outcome(call), "cancelled: the request was withdrawn");
    EXPECT_EQ(
        wire.last(),
        R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
        R"("params":{"requestId":1,"reason":"the request was withdrawn"}})"
    );
    EXPECT_EQ(caller.call, nullptr);
    hear(R"({"jsonrpc":"2.0","id":1,"result":{}})");
    EXPECT_EQ(logged.size(), 1U);
}

TEST_F(DuplexTest, bounds_silence_and_tells_the_server) {
    open();
    const std::string_view params = R"({"_meta":{"progressToken":1}})";
    auto wanted = request("x", params);
    wanted.progress_token = params.substr(26, 1);
    wanted.deadline = wheel.now() + 10s;
    auto& call = start(wanted, caller);
    pass(8s);
    hear(
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}})"
    );
    pass(8s);
    EXPECT_EQ(outcome(call), "running");
    pass(3s);
    EXPECT_EQ(outcome(call), "timed_out: Upstream server did not answer in time");
    EXPECT_EQ(
        wire.last(),
        R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
        R"("params":{"requestId":1,"reason":"Upstream server did not answer in time"}})"
    );
}

TEST_F(DuplexTest, gives_up_a_call_whose_fiber_is_cancelled) {
    open();
    auto& call = start(request("x"), caller);
    calls.cancel();
    loop.settle();
    EXPECT_EQ(outcome(call), "cancelled: the request was withdrawn");
    EXPECT_TRUE(wire.last().contains("notifications/cancelled"));
}

TEST_F(DuplexTest, passes_on_that_a_request_could_not_be_sent) {
    open();
    wire.failure = Error{Errc::unknown_session, "gone", {}, {}};
    auto& call = start(request("x"), caller);
    EXPECT_EQ(outcome(call), "unknown_session: gone");
    EXPECT_EQ(caller.call, nullptr);
}

TEST_F(DuplexTest, ends_one_call_or_all_when_the_link_says_so) {
    open();
    auto& a = start(request("x"), caller);
    auto& b = start(request("x"), caller);
    duplex.fail(2, {Errc::upstream_failed, "not taken", {}, {}});
    loop.settle();
    EXPECT_EQ(outcome(a) + " " + outcome(b), "running upstream_failed: not taken");
    duplex.fail_all({Errc::upstream_failed, "gone", {}, {}});
    loop.settle();
    EXPECT_EQ(outcome(a), "upstream_failed: gone");
    EXPECT_EQ(wire.sent.size(), 2U);  // Nobody is told that they were cancelled.
}

// The task that stands for the reader of a link.
Task<> relieve(Duplex& duplex, bool& is_done) {
    co_await duplex.relieve();
    is_done = true;
}

TEST_F(DuplexTest, stops_reading_for_a_slow_caller_and_then_gives_it_up) {
    open();
    caller.is_slow = true;
    Caller quick{loop};
    auto& slow = start(request("x"), caller);
    std::size_t count = 0;
    for (; !duplex.is_congested(); ++count) {
        hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
    }
    EXPECT_EQ(count, Inbox::count_max + 1);  // One is on its way.
    auto& other = start(request("x"), quick);
    bool may_read = false;
    calls.spawn(relieve(duplex, may_read));
    loop.settle();
    pass(4s);
    EXPECT_FALSE(may_read);
    pass(2s);
    EXPECT_TRUE(may_read);
    EXPECT_FALSE(duplex.is_congested());
    hear(R"({"jsonrpc":"2.0","id":2,"result":{}})");
    EXPECT_EQ(outcome(other), "{}");
    caller.go_on.set();
    loop.settle();
    EXPECT_EQ(outcome(slow), "cancelled: the client did not take what the server sent");
}

TEST_F(DuplexTest, reads_on_as_soon_as_the_caller_has_taken_something) {
    open();
    caller.is_slow = true;
    start(request("x"), caller);
    while (!duplex.is_congested()) {
        hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
    }
    bool may_read = false;
    calls.spawn(relieve(duplex, may_read));
    loop.settle();
    EXPECT_FALSE(may_read);
    caller.go_on.set();
    loop.settle();
    EXPECT_TRUE(may_read);
    caller.is_slow = false;
    caller.go_on.set();
    loop.settle();
}

// Errc::unknown_session would let it be sent again.
TEST_F(DuplexTest, a_call_that_has_told_of_itself_is_none_that_did_not_run) {
    open();
    auto& told = start(request("told"), caller);
    hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
    auto& untold = start(request("untold"), caller);
    duplex.fail(1, {Errc::unknown_session, "gone", {}, {}});
    duplex.fail(2, {Errc::unknown_session, "gone", {}, {}});
    loop.settle();
    EXPECT_EQ(outcome(told), "upstream_failed: gone");
    EXPECT_EQ(outcome(untold), "unknown_session: gone");
}

TEST_F(DuplexTest, progress_extends_a_call_up_to_a_bound) {
    open();
    auto wanted = request("x", R"({"_meta":{"progressToken":"p"}})");
    wanted.progress_token = wanted.params.original().substr(26, 3);
    wanted.deadline = wheel.now() + 1s;
    wanted.deadline_max = wheel.now() + 3s;
    auto& call = start(wanted, caller);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(outcome(call), "running") << i;
        hear(
            R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}})"
        );
        pass(600ms);
    }
    pass(100ms);
    EXPECT_EQ(outcome(call), "timed_out: Upstream server did not answer in time");
}

}  // namespace
}  // namespace gw::upstream
