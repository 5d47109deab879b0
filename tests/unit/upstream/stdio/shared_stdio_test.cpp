#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "unit/upstream/process/children.hpp"
#include "upstream/stdio/stdio_link.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A stateless server that counts its starts; on(m) gets what is neither discover nor initialize.
constexpr std::string_view program_text = R"py(
import json, os, sys, time
V = "io.modelcontextprotocol/"
open("starts", "a").write("x")
def send(m):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **m}) + "\n")
    sys.stdout.flush()
def tell(method, params): send({"method": "notifications/" + method, "params": params})
def reply(m, result): send({"id": m["id"], "result": {"resultType": "complete", **result}})
def discover(m): reply(m, {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}})
def on(m): pass
def each(m):
    if m["method"] == "server/discover": return discover(m)
    if m["method"] == "initialize": return reply(m, {"protocolVersion": "2025-11-25"})
    if m["method"] == "pid": return reply(m, {"pid": os.getpid()})
    if m["method"] == "crash": os._exit(1)
    on(m)
#SCRIPT
for line in sys.stdin: each(json.loads(line))
)py";

class SharedStdioTest : public Children {
public:
    // One session: its link, and what it hears.
    struct Session {
        explicit Session(SharedStdioTest& test)
            : outside(test.shard),
              caller(test.shard),
              link(make_stdio_link(test.server, outside, test.purpose)) {}

        Caller outside;
        Caller caller;
        std::unique_ptr<Link> link;
        std::string opened;
        std::vector<std::string> outcomes;
    };

    void serve(std::string_view script = "") {
        std::string text(program_text);
        text.replace(text.find("#SCRIPT"), 7, script);
        config = program("python3", {"-SE", write_file("server.py", text)});
        config.cwd = folder;
        purpose.give_up = [] { return true; };
    }

    // As many sessions, opened at the same time; closed after `work`, and the server then.
    using Work = Task<> (*)(SharedStdioTest& test, std::deque<Session>& sessions);

    void with_sessions(std::size_t count, Work work) { run(work_with(count, work)); }

    Task<> work_with(std::size_t count, Work work) {
        std::deque<Session> sessions;
        for (std::size_t i = 0; i < count; ++i)
            tasks.spawn(open(sessions.emplace_back(*this)));
        co_await until([&] {
            return std::ranges::none_of(sessions, [](auto& each) { return each.opened.empty(); });
        });
        co_await work(*this, sessions);
        for (auto& each : sessions)
            if (each.link) co_await each.link->close();
        co_await server.close();
    }

    static Task<> open(Session& session) {
        const auto result = co_await session.link->open("{}");
        session.opened = result ? std::string(result->view()) : to_string(result.error());
    }

    static Task<> close(Session& session) {
        co_await session.link->close();
        session.link.reset();
    }

    Task<std::string> call(Session& session, std::string method, std::string params = "{}") {
        const mcp::Request wanted{
            .method = method, .params = std::string_view(params), .deadline = shard.now() + 5s
        };
        const auto answer = co_await session.link->call(wanted, session.caller);
        if (!answer) co_return to_string(answer.error());
        co_return std::string(std::get<mcp::Completed>(*answer).result.view());
    }

    static Task<> keep(SharedStdioTest& test, Session& session, std::string method) {
        auto outcome = co_await test.call(session, std::move(method));
        session.outcomes.push_back(std::move(outcome));
    }

    std::size_t starts() const {
        std::error_code none;
        const auto size = std::filesystem::file_size(folder / "starts", none);
        return none ? 0 : size;
    }

    Config config;
    EraVerdict verdict;
    StdioServer server{{around, config, processes, verdict}};
    LinkPurpose purpose;
};

TEST_F(SharedStdioTest, sessions_of_a_stateless_server_that_begin_together_share_its_process) {
    serve();
    with_sessions(5, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        std::set<std::string> pids;
        for (auto& each : sessions) {
            EXPECT_EQ(each.opened, sessions.front().opened);
            EXPECT_TRUE(each.link->is_stateless());
            pids.insert(co_await test.call(each, "pid"));
        }
        EXPECT_EQ(pids.size(), 1U);
        EXPECT_EQ(test.starts(), 1U);
        EXPECT_EQ(test.processes.running(), 1U);
    });
}

TEST_F(SharedStdioTest, a_server_with_sessions_has_a_process_for_each) {
    serve(R"(def discover(m): send({"id": m["id"], "error": {"code": -32601, "message": "no"}}))");
    with_sessions(3, [](SharedStdioTest& test, std::deque<Session>&) -> Task<> {
        EXPECT_EQ(test.processes.running(), 3U);
        EXPECT_EQ(test.starts(), 3U);
        co_return;
    });
}

TEST_F(SharedStdioTest, a_session_that_ends_ends_its_own_calls_and_tells_the_server_only_of_those) {
    serve(R"py(
held = []
def on(m):
    if m["method"] == "hold": held.append(m)
    if m["method"] == "notifications/cancelled":
        for h in held:
            reply(h, {"cancelled": [h["id"] == m["params"]["requestId"], len(held)]})
)py");
    with_sessions(2, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        for (auto& each : sessions)
            test.tasks.spawn(keep(test, each, "hold"));
        EXPECT_TRUE((co_await test.call(sessions[1], "pid")).contains("pid"));
        co_await close(sessions[0]);
        EXPECT_EQ(sessions[0].outcomes, Lines{"cancelled: the upstream session was closed"});
        co_await test.until([&] { return !sessions[1].outcomes.empty(); });
        EXPECT_EQ(
            sessions[1].outcomes, Lines{R"({"resultType": "complete", "cancelled": [false, 2]})"}
        );
        EXPECT_TRUE(sessions[1].link->is_usable());
    });
}

TEST_F(SharedStdioTest, when_the_process_dies_all_its_calls_fail_and_one_is_started_for_all) {
    serve();
    with_sessions(3, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        for (auto& each : sessions)
            test.tasks.spawn(keep(test, each, "hold"));
        EXPECT_TRUE((co_await test.call(sessions[0], "pid")).contains("pid"));
        EXPECT_EQ(
            co_await test.call(sessions[0], "crash"),
            "upstream_failed: the upstream server has ended"
        );
        co_await test.until([&] { return !sessions[2].outcomes.empty(); });
        for (auto& each : sessions) {
            EXPECT_EQ(each.outcomes, Lines{"upstream_failed: the upstream server has ended"});
            EXPECT_FALSE(each.link->is_usable());
        }
        std::deque<Session> next;
        for (int i = 0; i < 3; ++i)
            test.tasks.spawn(open(next.emplace_back(test)));
        co_await test.until([&] {
            return std::ranges::none_of(next, [](auto& each) { return each.opened.empty(); });
        });
        EXPECT_EQ(test.starts(), 2U);
        EXPECT_TRUE((co_await test.call(next[2], "pid")).contains("pid"));
        for (auto& each : next)
            co_await each.link->close();
    });
}

TEST_F(SharedStdioTest, another_one_starts_it_when_the_first_has_left) {
    serve(R"py(
def discover(m):
    if os.path.getsize("starts") == 1: return
    reply(m, {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}})
)py");
    run([](SharedStdioTest& test) -> Task<> {
        Session first(test);
        Session second(test);
        async::Gate opening(test.shard);
        opening.spawn(open(first));
        co_await test.until([&] { return test.starts() == 1; });
        test.tasks.spawn(open(second));
        co_await opening.close();
        EXPECT_TRUE(first.opened.starts_with("cancelled")) << first.opened;
        co_await first.link->close();
        co_await test.until([&] { return !second.opened.empty(); });
        EXPECT_TRUE(second.link->is_stateless()) << second.opened;
        co_await second.link->close();
        co_await test.server.close();
    }(*this));
}

TEST_F(SharedStdioTest, a_start_that_fails_fails_for_all_who_wait_for_it) {
    serve("os._exit(1)");
    with_sessions(3, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        for (auto& each : sessions)
            EXPECT_EQ(each.opened, "upstream_failed: the upstream server has ended");
        EXPECT_EQ(test.starts(), 1U);
        co_return;
    });
}

TEST_F(SharedStdioTest, what_names_no_request_goes_to_nobody_while_two_sessions_call) {
    serve(R"py(
held = []
def on(m):
    if m["method"] == "log": tell("message", {"level": "error", "data": 1})
    if m["method"] == "hold": held.append(m)
    elif "id" in m: reply(m, {})
)py");
    with_sessions(2, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        EXPECT_EQ(co_await test.call(sessions[0], "log"), R"({"resultType": "complete"})");
        EXPECT_EQ(sessions[0].caller.heard.size(), 1U);
        EXPECT_EQ(sessions[1].caller.heard.size(), 0U);
        test.tasks.spawn(keep(test, sessions[1], "hold"));
        EXPECT_EQ(co_await test.call(sessions[0], "log"), R"({"resultType": "complete"})");
        EXPECT_EQ(sessions[0].caller.heard.size(), 1U);
        EXPECT_EQ(sessions[1].caller.heard.size(), 0U);
        // The server may still be at work for the one that has left.
        co_await close(sessions[1]);
        EXPECT_EQ(co_await test.call(sessions[0], "log"), R"({"resultType": "complete"})");
        EXPECT_EQ(sessions[0].caller.heard.size(), 1U);
    });
}

// Stateless clients of one principal share a session, and are not one client for that.
TEST_F(SharedStdioTest, what_names_no_request_goes_to_nobody_while_two_stateless_clients_call) {
    serve(R"py(
held = []
def on(m):
    if "id" not in m: return
    if m["method"] == "hold": return held.append(m)
    tell("message", {"level": "error", "data": 1})
    while held: reply(held.pop(), {})
    reply(m, {})
)py");
    with_sessions(1, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        constexpr std::string_view params = R"({"_meta":{}})";
        const mcp::Envelope envelope{.capabilities = {}, .log_level = mcp::LogLevel::debug};
        const auto request = [&](std::string_view method) {
            return mcp::Request{
                .method = method,
                .params = params,
                .meta = params.substr(9, 2),
                .envelope = &envelope,
                .deadline = test.shard.now() + 5s,
                .shares_session = true
            };
        };
        Caller other(test.shard);
        auto& link = *sessions[0].link;
        EXPECT_TRUE(co_await link.call(request("log"), other));
        EXPECT_EQ(other.heard.size(), 1U);
        bool is_answered = false;
        test.tasks.spawn(
            [](Link& on, mcp::Request wanted, mcp::Exchange& by, bool& done) -> Task<> {
                EXPECT_TRUE(co_await on.call(wanted, by));
                done = true;
            }(link, request("hold"), sessions[0].caller, is_answered)
        );
        std::ignore = co_await test.call(sessions[0], "pid");  // What is held is there by then.
        EXPECT_TRUE(co_await link.call(request("log"), other));
        co_await test.until([&] { return is_answered; });
        EXPECT_EQ(sessions[0].caller.heard.size(), 0U);
        EXPECT_EQ(other.heard.size(), 1U);
        // The server may still be at work for one that has left.
        auto left = request("hold");
        left.deadline = test.shard.now() + 100ms;
        EXPECT_FALSE(co_await link.call(left, sessions[0].caller));
        const auto after = co_await link.call(request("log"), other);
        EXPECT_TRUE(after) << to_string(after.error());
        EXPECT_EQ(other.heard.size(), 1U);
    });
}

TEST_F(SharedStdioTest, each_session_hears_of_what_it_has_subscribed_to) {
    serve(R"py(
streams = {}
def on(m):
    if m["method"] == "touch":
        for i, uri in streams.items(): tell("resources/updated", {"uri": uri, "_meta": {V + "subscriptionId": i}})
        return reply(m, {})
    if m["method"] != "subscriptions/listen": return
    wanted = m["params"]["notifications"]
    streams[m["id"]] = wanted["resourceSubscriptions"][0]
    tell("subscriptions/acknowledged", {"notifications": wanted, "_meta": {V + "subscriptionId": m["id"]}})
)py");
    with_sessions(2, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        const Lines uris{"x://a", "x://b"};
        for (std::size_t i = 0; i < 2; ++i) {
            const auto params = R"({"uri":")" + uris[i] + R"("})";
            EXPECT_EQ(co_await test.call(sessions[i], "resources/subscribe", params), "{}");
        }
        EXPECT_EQ(co_await test.call(sessions[0], "touch"), R"({"resultType": "complete"})");
        for (std::size_t i = 0; i < 2; ++i) {
            co_await test.until([&] { return !sessions[i].outside.heard.empty(); });
            const auto told = R"(notifications/resources/updated {"uri":")" + uris[i] + R"("})";
            EXPECT_EQ(sessions[i].outside.heard, Lines{told});
        }
    });
}

TEST_F(SharedStdioTest, it_ends_when_no_session_uses_it_and_none_has_for_long) {
    serve();
    limits.process_idle_timeout = 100ms;
    with_sessions(2, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        const auto idle = test.shard.now() + 300ms;
        co_await async::sleep_until(test.shard, test.shard.wheel(), idle);
        test.server.tend(test.limits.process_idle_timeout);
        EXPECT_TRUE((co_await test.call(sessions[0], "pid")).contains("pid"));
        for (auto& each : sessions)
            co_await close(each);
        EXPECT_EQ(test.processes.running(), 1U);
        co_await test.until([&] {
            test.server.tend(test.limits.process_idle_timeout);
            return test.processes.running() == 0;
        });
    });
}

TEST_F(SharedStdioTest, it_makes_room_for_another_when_all_who_use_it_let_go) {
    serve();
    with_sessions(2, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        bool may_go = false;
        int asked = 0;
        (void)sessions;
        for (auto& each : sessions)
            co_await close(each);
        test.purpose.give_up = [&] {
            ++asked;
            return may_go;
        };
        Session busy(test);
        co_await open(busy);
        test.limits.processes_max = 1;
        ProcessLimits::Search search;
        EXPECT_EQ(
            test.processes.make_room("other", "", search, test.shard.now()),
            ProcessLimits::Room::comes
        );
        co_await test.until([&] { return asked == 1; });
        EXPECT_TRUE(busy.link->is_usable());
        may_go = true;
        ProcessLimits::Search again;
        EXPECT_EQ(
            test.processes.make_room("other", "", again, test.shard.now()),
            ProcessLimits::Room::comes
        );
        co_await test.until([&] { return asked == 2; });
        EXPECT_FALSE(busy.link->is_usable());
        co_await busy.link->close();
        co_await test.until([&] { return test.processes.running() == 0; });
    });
}

// A server of both eras, which keeps to that of its first question.
constexpr std::string_view of_both_eras = R"py(
era = None
def each(m):
    global era
    open("asked", "a").write(m["method"] + "\n")
    if "id" not in m: return
    is_first = era is None
    if is_first: era = "sessions" if m["method"] == "initialize" else "stateless"
    if m["method"] == "initialize" and era == "stateless":
        return send({"id": m["id"], "error": {"code": -32022, "message": "no", "data": {"supported": ["2026-07-28"]}}})
    if m["method"] == "initialize": return reply(m, {"protocolVersion": "2025-11-25"})
    if m["method"] == "server/discover" and era == "sessions":
        return send({"id": m["id"], "error": {"code": -32600, "message": "no"}})
    if m["method"] == "server/discover": return discover(m)
    reply(m, {"pid": os.getpid(), "era": era})
)py";

class BothErasStdioTest : public SharedStdioTest {
public:
    // A session in each of these eras is preferred; opened one after the other.
    Task<> open_each(std::deque<Session>& sessions, std::initializer_list<Era> eras) {
        for (const auto era : eras) {
            purpose.prefers = era;
            co_await open(sessions.emplace_back(*this));
        }
    }

    static Task<> close_all(std::deque<Session>& sessions) {
        for (auto& each : sessions)
            co_await each.link->close();
    }

    std::optional<bool> speaks(Era era) const { return verdict.speaks(era, shard.now()); }
};

TEST_F(BothErasStdioTest, each_link_has_the_era_that_it_prefers) {
    serve(of_both_eras);
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        co_await test.open_each(
            sessions, {Era::stateless, Era::sessions, Era::stateless, Era::sessions}
        );
        std::set<std::string> pids;
        for (std::size_t i = 0; i < sessions.size(); ++i) {
            EXPECT_EQ(sessions[i].link->is_stateless(), i % 2 == 0) << sessions[i].opened;
            pids.insert(co_await test.call(sessions[i], "pid"));
        }
        EXPECT_EQ(pids.size(), 3U);
        EXPECT_EQ(test.starts(), 3U);
        EXPECT_EQ(test.speaks(Era::stateless), true);
        EXPECT_EQ(test.speaks(Era::sessions), true);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

TEST_F(BothErasStdioTest, a_server_without_sessions_is_asked_for_them_by_one_process) {
    serve(std::string(of_both_eras) + R"py(
real = each
def each(m):
    if m["method"] == "initialize": return send({"id": m["id"], "error": {"code": -32601, "message": "no"}})
    real(m)
)py");
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        co_await test.open_each(sessions, {Era::stateless, Era::sessions, Era::sessions});
        for (auto& each : sessions)
            EXPECT_TRUE(each.link->is_stateless()) << each.opened;
        EXPECT_EQ(test.starts(), 2U);
        EXPECT_EQ(test.processes.running(), 1U);
        EXPECT_EQ(test.speaks(Era::sessions), false);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

TEST_F(BothErasStdioTest, sessions_that_begin_together_at_an_unknown_server_start_it_once_each) {
    serve(of_both_eras);
    purpose.prefers = Era::sessions;
    with_sessions(3, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        for (auto& each : sessions)
            EXPECT_FALSE(each.link->is_stateless()) << each.opened;
        EXPECT_EQ(test.starts(), 3U);
        co_return;
    });
}

TEST_F(BothErasStdioTest, sessions_that_begin_together_at_a_stateless_server_start_it_once) {
    serve(R"py(
real = each
def each(m):
    if m["method"] == "initialize": return send({"id": m["id"], "error": {"code": -32601, "message": "no"}})
    real(m)
)py");
    purpose.prefers = Era::sessions;
    with_sessions(3, [](SharedStdioTest& test, std::deque<Session>& sessions) -> Task<> {
        for (auto& each : sessions)
            EXPECT_TRUE(each.link->is_stateless()) << each.opened;
        EXPECT_EQ(test.starts(), 1U);
        co_return;
    });
}

TEST_F(BothErasStdioTest, a_session_is_served_by_the_shared_process_where_the_server_ends_at_it) {
    serve(R"py(
real = each
def each(m):
    if m["method"] == "initialize": os._exit(1)
    real(m)
)py");
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        co_await test.open_each(sessions, {Era::stateless, Era::sessions, Era::sessions});
        for (auto& each : sessions)
            EXPECT_TRUE(each.link->is_stateless()) << each.opened;
        EXPECT_EQ(test.starts(), 2U);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

TEST_F(BothErasStdioTest, silence_at_initialize_proves_nothing_and_a_known_answer_wins) {
    serve(R"py(
real = each
def each(m):
    if m["method"] != "initialize": real(m)
)py");
    limits.era_silence_max = 100ms;
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        co_await test.open_each(sessions, {Era::stateless, Era::sessions});
        EXPECT_TRUE(sessions[1].link->is_stateless()) << sessions[1].opened;
        EXPECT_EQ(test.speaks(Era::sessions), std::nullopt);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

TEST_F(BothErasStdioTest, a_late_answer_to_initialize_is_taken) {
    serve(of_both_eras);
    limits.era_silence_max = 1ms;
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        co_await test.open_each(sessions, {Era::stateless, Era::sessions});
        EXPECT_FALSE(sessions[1].link->is_stateless()) << sessions[1].opened;
        EXPECT_EQ(test.speaks(Era::stateless), true);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

TEST_F(BothErasStdioTest, where_there_may_be_no_more_processes_a_session_has_the_shared_one) {
    serve(of_both_eras);
    limits.processes_max = 1;
    run([](BothErasStdioTest& test) -> Task<> {
        std::deque<Session> sessions;
        test.purpose.give_up = [] { return false; };
        co_await test.open_each(sessions, {Era::stateless, Era::sessions});
        EXPECT_TRUE(sessions[1].link->is_stateless()) << sessions[1].opened;
        EXPECT_EQ(test.starts(), 1U);
        co_await close_all(sessions);
        co_await test.server.close();
    }(*this));
}

}  // namespace
}  // namespace gw::upstream
