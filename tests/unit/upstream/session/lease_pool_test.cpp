#include "upstream/session/lease_pool.hpp"

#include "support/principals.hpp"
#include "unit/upstream/http/stateless_fixture.hpp"
#include "upstream/hub/hub.hpp"

#include <array>
#include <string>

namespace gw::upstream {
namespace {

using Lines = std::vector<std::string>;

// A server with sessions, 1 and so on, that tells each call in which one it is. What is put into
// questions[session] is sent on that session's GET stream.
constexpr std::string_view with_sessions = R"py(
import queue
questions = {}
together = threading.Semaphore(0)
go = threading.Event()
def discover(h, m): refuse(h, m, -32000)
def get(h):
    asked = questions[h.headers["Mcp-Session-Id"]]
    h.send_response(200)
    h.send_header("Content-Type", "text/event-stream")
    h.send_header("Connection", "close")
    h.end_headers()
    h.close_connection = True
    while (m := asked.get()): h.wfile.write(b"data: " + json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n\n")
def answers(wanted):
    while len(found := [m for m in seen if "method" not in m]) < wanted: time.sleep(0.001)
    return [m.get("result", m.get("error", {}).get("code")) for m in found]
def ask(session, id): questions[session].put({"id": id, "method": "sampling/createMessage", "params": {}})
def on(h, m):
    session = h.headers["Mcp-Session-Id"]
    if m["method"] == "initialize":
        session = str(len(questions) + 1)
        questions[session] = queue.Queue()
        return initialize(h, m, session)
    name = m["params"].get("name")
    if name == "together":
        together.release()
        while together._value < 2: time.sleep(0.001)
    if name == "hold": go.wait(5)
    if name == "go": go.set()
    if name == "ask":
        ask(session, 1)
        return reply(h, m, {"answers": answers(1)})
    if name == "ask long":
        ask(session, 1)
        return reply(h, m, {"answers": answers(9)})
    if name == "ask and go":
        ask(session, 1)
        while not [m for m in seen if m.get("method") == "notifications/asked"]: time.sleep(0.001)
    if name == "ask idle":
        ask("2" if session == "1" else "1", 2)
        return reply(h, m, {"answers": answers(1)})
    reply(h, m, {"session": session})
)py";

class LeasePoolTest : public ScriptedServer {
public:
    using Body = Task<> (*)(LeasePoolTest& test, LeasePool& pool);

    void with_pool(std::string_view script, const CallsAlone& alone, Body body) {
        body_ = body;
        limits.calls_alone = alone;
        with_server(script, [](ScriptedServer& base) -> Task<> {
            auto& test = static_cast<LeasePoolTest&>(base);
            test.config.url = "http://127.0.0.1:" + std::to_string(test.read_number("port"));
            test.hub.set_targets(std::make_shared<const Targets>(
                Targets{{0, std::make_shared<const Target>(*make_target(test.config, nullptr))}}
            ));
            LeasePool pool(test.hub, test.session, 0, test.hub.reach(0));
            co_await test.body_(test, pool);
            for (const auto& each : pool.end())
                co_await each->close();
            co_await test.hub.close();
        });
    }

    // A caller that is parked while it thinks: then nobody waits for it.
    struct ParkingCaller : Caller {
        using Caller::Caller;

        bool give_way() override {
            if (thoughts.empty()) return false;
            call->withdraw();
            return true;
        }
    };

    // Starts tools/call of `name`, with a caller of its own.
    struct Call {
        explicit Call(LeasePoolTest& in) : caller(in.shard) {}

        ParkingCaller caller;
        std::string owner;
        std::string params;
        std::string answer;
    };

    Call& start(
        LeasePool& pool,
        std::string_view name,
        TimePoint deadline = TimePoint::max(),
        std::string_view owner = "anna"
    ) {
        auto& call = *calls.emplace_back(std::make_unique<Call>(*this));
        call.owner = owner;
        call.params = R"({"name":")" + std::string(name) + R"("})";
        tasks.spawn(keep(pool, call, deadline));
        return call;
    }

    Task<std::string> finish(Call& call) {
        co_await until([&] { return !call.answer.empty(); });
        co_return call.answer;
    }

    Task<std::string> one(LeasePool& pool, std::string_view name) {
        return finish(start(pool, name));
    }

    static Task<> keep(LeasePool& pool, Call& call, TimePoint deadline) {
        const std::string_view params = call.params;
        mcp::Request request{
            .method = "tools/call", .params = params, .deadline = deadline, .owner = call.owner
        };
        const auto answer = co_await pool.call(std::move(request), call.caller);
        call.answer = answer ? std::string(std::get<mcp::Completed>(*answer).result.view())
                             : to_string(answer.error());
    }

    Hub hub{around, connector, processes};
    session::StreamLimits streams;
    session::Surroundings surroundings{
        shard, shard.wheel(), budget, streams, std::chrono::seconds(5)
    };
    session::Session session{
        {.id = {},
         .owner = test::owner("anna"),
         .server = 0,
         .revision = mcp::Revision::r2026_07_28,
         .capabilities = {.sampling = true}},
        surroundings
    };
    std::vector<std::unique_ptr<Call>> calls;

private:
    Body body_ = nullptr;
};

TEST_F(LeasePoolTest, calls_that_may_be_asked_something_have_sessions_of_their_own) {
    with_pool(with_sessions, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        auto& first = test.start(pool, "together");
        auto& second = test.start(pool, "together");
        const auto one = co_await test.finish(first);
        const auto two = co_await test.finish(second);
        EXPECT_NE(one, two);
        EXPECT_FALSE(pool.may_require_input());
        const auto again = co_await test.one(pool, "again");
        EXPECT_TRUE(again == one || again == two) << again;
    });
}

TEST_F(LeasePoolTest, calls_that_cannot_be_asked_anything_share_one) {
    config.may_use_sampling = false;
    with_pool(with_sessions, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        auto& first = test.start(pool, "together");
        auto& second = test.start(pool, "together");
        EXPECT_EQ(co_await test.finish(first), co_await test.finish(second));
    });
}

TEST_F(LeasePoolTest, what_is_asked_outside_of_calls_is_asked_of_the_one_that_runs) {
    with_pool(with_sessions, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        EXPECT_EQ(co_await test.one(pool, "ask"), R"({"answers": [{}]})");
        EXPECT_EQ(test.calls.back()->caller.heard, Lines{"sampling/createMessage? {}"});
    });
}

TEST_F(LeasePoolTest, what_is_asked_while_no_call_runs_is_refused) {
    with_pool(with_sessions, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        auto& first = test.start(pool, "together");
        auto& second = test.start(pool, "together");
        co_await test.finish(first);
        co_await test.finish(second);
        EXPECT_EQ(co_await test.one(pool, "ask idle"), R"({"answers": [-32603]})");
    });
}

TEST_F(LeasePoolTest, a_question_outside_of_a_call_ends_with_the_call) {
    with_pool(with_sessions, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        auto& call = test.start(pool, "ask and go");
        call.caller.thinks = true;
        co_await test.until([&] { return !call.caller.thoughts.empty(); });
        call.caller.call->withdraw();
        EXPECT_EQ(co_await test.finish(call), "cancelled: the request was withdrawn");
        EXPECT_EQ(call.caller.heard, (Lines{"sampling/createMessage? {}", "withdrawn"}));
    });
}

TEST_F(LeasePoolTest, a_call_over_the_limit_waits_for_its_turn) {
    with_pool(
        with_sessions,
        {.of_one_owner = 1, .waiting_of_one_owner = 2},
        [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
            auto& busy = test.start(pool, "hold");
            co_await test.until([&] { return busy.caller.call != nullptr; });
            auto& late = test.start(pool, "x", test.shard.now() + std::chrono::milliseconds(30));
            EXPECT_EQ(
                co_await test.finish(late),
                "too_many: your limit of 1 calls at a time to this server was reached until it was "
                "too "
                "late"
            );
            auto& withdrawn = test.start(pool, "x");
            co_await test.until([&] { return withdrawn.caller.call != nullptr; });
            withdrawn.caller.call->withdraw();
            EXPECT_EQ(co_await test.finish(withdrawn), "cancelled: the request was withdrawn");
            auto& patient = test.start(pool, "x");
            auto& next = test.start(pool, "x");
            co_await test.until([&] { return next.caller.call != nullptr; });
            EXPECT_TRUE((co_await test.one(pool, "x")).contains("1 run and 2 wait"));
            EXPECT_EQ(
                co_await test.finish(test.start(pool, "go", TimePoint::max(), "bob")),
                R"({"session": "2"})"
            );
            EXPECT_EQ(co_await test.finish(busy), R"({"session": "1"})");
            EXPECT_EQ(co_await test.finish(patient), R"({"session": "1"})");
            EXPECT_EQ(co_await test.finish(next), R"({"session": "1"})");
        }
    );
}

TEST_F(LeasePoolTest, the_oldest_call_that_nobody_waits_for_gives_way) {
    with_pool(
        with_sessions,
        {.of_one_owner = 2},
        [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
            auto& running = test.start(pool, "hold");
            co_await test.until([&] { return running.caller.call != nullptr; });
            auto& parked = test.start(pool, "ask");
            parked.caller.thinks = true;
            co_await test.until([&] { return !parked.caller.thoughts.empty(); });
            EXPECT_TRUE((co_await test.one(pool, "x")).contains("session"));
            EXPECT_EQ(co_await test.finish(parked), "cancelled: the request was withdrawn");
            EXPECT_TRUE(running.answer.empty());
            co_await test.one(pool, "go");
            EXPECT_EQ(co_await test.finish(running), R"({"session": "1"})");
        }
    );
}

TEST_F(LeasePoolTest, who_has_most_makes_room_for_who_has_less_and_nobody_else_does) {
    with_pool(with_sessions, {.in_all = 2}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        std::array<Call*, 2> parked{};
        for (auto*& each : parked) {
            each = &test.start(pool, "ask long");
            each->caller.thinks = true;
            co_await test.until([&] { return !each->caller.thoughts.empty(); });
        }
        auto& other = test.start(pool, "hold", TimePoint::max(), "bob");
        EXPECT_EQ(co_await test.finish(*parked[0]), "cancelled: the request was withdrawn");
        co_await test.until([&] { return other.caller.call != nullptr; });
        EXPECT_TRUE(parked[1]->answer.empty());
        // Bob has as many as anna now, and nothing that could give way.
        const auto refused = co_await test.finish(test.start(pool, "x", TimePoint::max(), "bob"));
        EXPECT_TRUE(refused.contains("too_many: the limit of calls to this server is reached: 2 run"
        )) << refused;
        EXPECT_TRUE(parked[1]->answer.empty());
        EXPECT_TRUE((co_await test.one(pool, "go")).contains("session"));
        EXPECT_EQ(co_await test.finish(*parked[1]), "cancelled: the request was withdrawn");
        EXPECT_TRUE((co_await test.finish(other)).contains("session"));
    });
}

TEST_F(LeasePoolTest, all_calls_of_a_stateless_server_share_one_link) {
    constexpr std::string_view stateless = R"py(
def on(h, m): reply(h, m, {"discovered": len([m for m in seen if m["method"] == "server/discover"])})
)py";
    with_pool(stateless, {}, [](LeasePoolTest& test, LeasePool& pool) -> Task<> {
        EXPECT_TRUE(pool.may_require_input());  // Nobody knows yet.
        EXPECT_EQ(co_await test.one(pool, "x"), R"({"discovered": 1})");
        EXPECT_TRUE(pool.may_require_input());
        EXPECT_EQ(co_await test.one(pool, "x"), R"({"discovered": 2})");
        EXPECT_EQ(co_await test.one(pool, "x"), R"({"discovered": 2})");
    });
}

}  // namespace
}  // namespace gw::upstream
