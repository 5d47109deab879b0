#include "upstream/http/http_link.hpp"

#include "unit/upstream/http/stateless_fixture.hpp"

#include <array>

namespace gw::upstream {
namespace {

using Lines = std::vector<std::string>;

class HttpLinkTest : public ScriptedServer {
public:
    using Body = Task<> (*)(HttpLinkTest& test, Link& link);

    // Opens a link to the server with `script`, and does `body`.
    void with_link(std::string_view script, Body body) {
        body_ = body;
        with_server(
            std::string(sessions) + std::string(script),
            [](ScriptedServer& base) -> Task<> {
                auto& test = static_cast<HttpLinkTest&>(base);
                HttpLink link(test.around, test.config, test.origin(), test.outside, test.purpose);
                test.opened = co_await link.open("{}");
                co_await test.body_(test, link);
                co_await link.close();
            }
        );
    }

    std::string opening() const { return *opened ? "opened" : to_string(opened->error()); }

    std::optional<Result<Slice>> opened;
    bool asks_outside = false;

private:
    // A server with sessions: run(h, m) answers what is called, resume(h) continues a stream.
    static constexpr std::string_view sessions = R"py(
def resume(h): send(h, 405, b"")
def listen(h): send(h, 405, b"")
def get(h): resume(h) if h.headers["Last-Event-ID"] else listen(h)
def run(h, m): reply(h, m, {})
def on(h, m): initialize(h, m, "1") if m["method"] == "initialize" else run(h, m)
)py";

    Body body_ = nullptr;
};

mcp::Request tool(std::string_view params) {
    return {.method = "tools/call", .params = params};
}

// Breaks off every stream behind an event, and answers `status` to who wants to go on with it.
std::string breaks_off(int status) {
    return "\ndef resume(h): send(h, " + std::to_string(status) + R"py(, b"")
def run(h, m):
    h.send_response(200)
    h.send_header("Content-Type", "text/event-stream")
    h.send_header("Connection", "close")
    h.end_headers()
    h.wfile.write(b"id: e1\nretry: 1\ndata:\n\n")
    h.close_connection = True
)py";
}

constexpr std::string_view broke_off =
    "upstream_failed: upstream ended the stream without an answer";

TEST_F(HttpLinkTest, takes_answers_with_its_id_as_a_string_and_with_status_201) {
    constexpr std::string_view script = R"py(
def text(m): return {**m, "id": str(m["id"])}
def run(h, m):
    name = m["params"]["name"]
    if name == "stream": return stream(h, [{"id": str(m["id"]), "result": {"s": 1}}])
    send(h, 201, {"jsonrpc": "2.0", "id": m["id"] if name == "created" else str(m["id"]), "result": {"r": 1}})
def on(h, m): initialize(h, text(m), "1") if m["method"] == "initialize" else run(h, m)
)py";
    with_link(script, [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(test.opening(), "opened");
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"created"})")), R"({"r": 1})");
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"text"})")), R"({"r": 1})");
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"stream"})")), R"({"s": 1})");
    });
}

TEST_F(HttpLinkTest, fails_a_call_whose_stream_is_lost_with_the_session) {
    for (const int status : {404, 400}) {
        with_link(breaks_off(status), [](HttpLinkTest& test, Link& link) -> Task<> {
            EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), broke_off);
            EXPECT_FALSE(link.is_usable());
        });
    }
}

TEST_F(HttpLinkTest, lets_a_call_that_does_no_harm_twice_be_sent_again_with_the_session) {
    with_link(breaks_off(404), [](HttpLinkTest& test, Link& link) -> Task<> {
        const auto answer = co_await link.call(
            {.method = "tools/list", .params = {}, .is_repeatable = true}, test.caller
        );
        EXPECT_EQ(answer.error().kind, Errc::unknown_session);
        EXPECT_FALSE(link.is_usable());
    });
}

TEST_F(HttpLinkTest, fails_a_call_whose_stream_cannot_be_resumed) {
    with_link(breaks_off(405), [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), broke_off);
        EXPECT_TRUE(link.is_usable());
    });
}

// Asks on the stream of a call, and takes that back when told "go", on the stream that `where`
// says.
constexpr std::string_view takes_back = R"py(
go, end = threading.Event(), threading.Event()
def events(h, *messages):
    for m in messages: h.wfile.write(b"data: " + json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n\n")
    h.wfile.flush()
def take_back(h):
    go.wait(5)
    events(h, {"method": "notifications/cancelled", "params": {"requestId": "q1"}})
    end.wait(5)
def listen(h):
    stream(h, [])
    if where == "get": take_back(h)
def run(h, m):
    if m["method"] == "go": return reply(h, m, {"set": go.set()})
    if m["method"] == "end": return reply(h, m, {"set": end.set()})
    if m["method"] == "responses": return reply(h, m, {"responses": [each for each in seen if "method" not in each]})
    stream(h, [{"id": "q1", "method": "roots/list"}])
    take_back(h) if where == "call" else end.wait(5)
    events(h, {"id": m["id"], "result": {}})
)py";

TEST_F(HttpLinkTest, takes_a_question_back_when_the_server_does_and_does_not_answer_it) {
    caller.thinks = true;
    for (const auto* const where : {"where = 'call'\n", "where = 'get'\n"}) {
        caller.heard.clear();
        with_link(where + std::string(takes_back), [](HttpLinkTest& test, Link& link) -> Task<> {
            std::string answer;
            const auto keep = [](HttpLinkTest& of, Link& on, std::string& to) -> Task<> {
                to = co_await of.call(on, tool(R"({"name":"a"})"));
            };
            test.tasks.spawn(keep(test, link, answer));
            co_await test.until([&] { return !test.caller.heard.empty(); });
            co_await test.call(link, {.method = "go", .params = {}});
            co_await test.until([&] { return test.caller.heard.size() == 2; });
            co_await test.call(link, {.method = "end", .params = {}});
            co_await test.until([&] { return !answer.empty(); });
            EXPECT_EQ(answer, "{}");
            EXPECT_EQ(test.caller.heard, (Lines{"roots/list? ", "withdrawn"}));
            EXPECT_TRUE(test.outside.heard.empty());
            EXPECT_EQ(
                co_await test.call(link, {.method = "responses", .params = {}}),
                R"({"responses": []})"
            );
        });
    }
}

// Asks on the stream that `where` says when told "go", tells progress of its call when told "tell"
// if that is its own, and answers all calls when told "end".
constexpr std::string_view asks_when_told = R"py(
go, tell, end = threading.Event(), threading.Event(), threading.Event()
def events(h, *messages):
    for m in messages: h.wfile.write(b"data: " + json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n\n")
    h.wfile.flush()
question = {"id": "q1", "method": "roots/list"}
def listen(h):
    stream(h, [])
    if where != "get": return
    go.wait(5)
    events(h, question)
    end.wait(5)
def run(h, m):
    if m["method"] in ("go", "tell", "end"):
        while len([each for each in seen if each.get("method") == "tools/call"]) < 2: time.sleep(0.001)
        return reply(h, m, {"set": globals()[m["method"]].set()})
    stream(h, [])
    if where == "call" and m["params"]["name"] != "late":
        go.wait(5)
        events(h, question)
        tell.wait(5)
        events(h, {"method": "notifications/progress", "params": {"progressToken": m["id"], "progress": 1}})
    end.wait(5)
    events(h, {"id": m["id"], "result": {}})
)py";

TEST_F(HttpLinkTest, lets_no_time_pass_for_a_call_while_a_user_is_asked) {
    config.call_timeout = std::chrono::milliseconds(2000);
    outside.thinks = caller.thinks = true;
    for (const bool is_outside : {false, true}) {
        asks_outside = is_outside;
        const std::string where = is_outside ? "where = 'get'\n" : "where = 'call'\n";
        with_link(
            where + std::string(asks_when_told),
            [](HttpLinkTest& test, Link& link) -> Task<> {
                std::array<std::string, 2> answers;
                const auto keep =
                    [](HttpLinkTest& of, Link& on, std::string_view params, std::string& to
                    ) -> Task<> {
                    auto request = tool(params);
                    request.deadline = of.shard.now() + of.config.call_timeout;
                    to = co_await of.call(on, request);
                };
                for (auto& answer : answers)
                    test.tasks.spawn(keep(test, link, R"({"name":"a"})", answer));
                co_await test.call(link, {.method = "go", .params = {}});
                auto& asked = test.asks_outside ? test.outside.thoughts : test.caller.thoughts;
                co_await test.until([&] { return asked.size() == (test.asks_outside ? 1 : 2); });
                co_await test.call(link, {.method = "tell", .params = {}});
                if (!test.asks_outside) {
                    co_await test.until([&] { return test.caller.heard.size() == 4; });
                }
                // One that begins later does not wait for a user.
                std::string late;
                test.tasks.spawn(keep(test, link, R"({"name":"late"})", late));
                co_await test.until([&] { return !late.empty(); });
                EXPECT_EQ(answers, (std::array<std::string, 2>()));
                for (auto* const thought : asked)
                    thought->set();
                co_await test.call(link, {.method = "end", .params = {}});
                co_await test.until([&] { return !answers[0].empty() && !answers[1].empty(); });
                EXPECT_EQ(answers, (std::array<std::string, 2>{"{}", "{}"}));
            }
        );
    }
}

// Gives as many GET streams as `opens` says, and breaks each off behind an event.
constexpr std::string_view forgets = R"py(
gets = []
def get(h):
    gets.append(h.headers["Last-Event-ID"] or "")
    if len(gets) > opens: return send(h, 404, b"")
    stream(h, [])
    h.wfile.write(b"id: e1\nretry: 1\ndata:\n\n")
def run(h, m): reply(h, m, {"gets": gets})
)py";

TEST_F(HttpLinkTest, says_that_the_session_is_lost_when_its_stream_is_not_given_any_more) {
    static unsigned lost;
    lost = 0;
    purpose.lost = [] { ++lost; };
    with_link("opens = 1\n" + std::string(forgets), [](HttpLinkTest& test, Link& link) -> Task<> {
        co_await test.until([&] { return !link.is_usable(); });
        EXPECT_EQ(lost, 1U);
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}), R"({"gets": ["", "e1", ""]})"
        );
    });
    EXPECT_EQ(lost, 1U);
}

TEST_F(HttpLinkTest, does_without_a_stream_that_was_never_given) {
    purpose.lost = [] { ADD_FAILURE(); };
    with_link("opens = 0\n" + std::string(forgets), [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, {.method = "x", .params = {}}), R"({"gets": [""]})");
        EXPECT_TRUE(link.is_usable());
    });
}

// Answers initialize with a revision and a session id, both as Python writes them.
std::string agrees_on(std::string_view revision, std::string_view session) {
    return "\ndef on(h, m): send(h, 200, {'jsonrpc': '2.0', 'id': m['id'], 'result': {"
           "'protocolVersion': " +
           std::string(revision) +
           ", 'capabilities': {}, 'serverInfo': {}}}, session=" + std::string(session) + ")\n";
}

TEST_F(HttpLinkTest, opens_a_session_of_a_revision_that_it_speaks) {
    for (const auto* const revision : {"'2024-11-05'", "'2025-03-26'", "'2025-11-25'"}) {
        with_link(agrees_on(revision, "'!visible~'"), [](HttpLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.opening(), "opened");
            co_return;
        });
    }
}

TEST_F(HttpLinkTest, opens_no_session_of_another_revision) {
    for (const auto* const revision : {"'2031-01-01'", "'2026-07-28'", "'2025-06-18\\r\\nX: 1'"}) {
        with_link(agrees_on(revision, "'1'"), [](HttpLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(
                test.opening(),
                "upstream_failed: upstream uses a protocol revision that the gateway does not "
                "support"
            );
            co_return;
        });
    }
}

TEST_F(HttpLinkTest, opens_no_session_whose_id_is_not_of_visible_characters) {
    for (const auto* const session : {"'a b'", "'a\\tb'", "'\\xe9'"}) {
        with_link(agrees_on("'2025-11-25'", session), [](HttpLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.opening(), "upstream_failed: upstream sent an invalid Mcp-Session-Id");
            co_return;
        });
    }
}

// A server that has lost the session since the first call: what it says to that, and to a ping.
std::string loses(std::string_view refusal, std::string_view to_ping) {
    return "\nrefused = []\ndef run(h, m):\n"
           "    if m['method'] == 'pings': return reply(h, m, {'pings': [each['method'] for each "
           "in seen].count('ping')})\n"
           "    if m['method'] == 'ping': return " +
           std::string(to_ping) + "\n    return " + std::string(refusal) + "\n";
}

constexpr std::string_view not_found = "send(h, 404, b'Session not found', 'text/plain')";
constexpr std::string_view with_own_id = "refuse(h, m, -32000)";
constexpr std::string_view with_null = "refuse(h, {'id': None}, -32600, 404)";
constexpr std::string_view lives = "reply(h, m, {})";

constexpr std::string_view lost = "unknown_session: upstream has lost the session";

TEST_F(HttpLinkTest, takes_a_session_for_lost_when_a_ping_is_refused_in_the_same_words) {
    for (const auto refusal : {not_found, with_own_id, with_null}) {
        with_link(loses(refusal, refusal), [](HttpLinkTest& test, Link& link) -> Task<> {
            EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), lost);
            EXPECT_FALSE(link.is_usable());
        });
    }
}

TEST_F(HttpLinkTest, fails_a_call_that_may_have_run_when_a_ping_is_refused_in_other_words) {
    with_link(loses(with_null, not_found), [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a"})")),
            "upstream_failed: upstream has lost the session, and it is not known whether the call "
            "was run"
        );
        EXPECT_FALSE(link.is_usable());
        co_return;
    });
}

TEST_F(HttpLinkTest, lets_what_is_repeatable_go_again_whatever_the_words) {
    with_link(loses(with_null, not_found), [](HttpLinkTest& test, Link& link) -> Task<> {
        const mcp::Request list{.method = "tools/list", .params = {}, .is_repeatable = true};
        EXPECT_EQ(co_await test.call(link, list), lost);
    });
}

TEST_F(HttpLinkTest, passes_a_refusal_on_when_the_session_lives) {
    with_link(loses(with_own_id, lives), [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a"})")),
            R"(refused {"code": -32000, "message": "no", "data": null})"
        );
        EXPECT_TRUE(link.is_usable());
    });
}

TEST_F(HttpLinkTest, keeps_a_session_of_which_a_ping_tells_nothing) {
    for (const auto* const to_ping : {"send(h, 503, b'')", "send(h, 429, b'')", "stream(h, [])"}) {
        with_link(loses(not_found, to_ping), [](HttpLinkTest& test, Link& link) -> Task<> {
            EXPECT_EQ(
                co_await test.call(link, tool(R"({"name":"a"})")),
                "upstream_failed: upstream refused the request"
            );
            EXPECT_TRUE(link.is_usable());
        });
    }
}

TEST_F(HttpLinkTest, does_not_doubt_a_session_for_a_call_that_was_sent_twice) {
    with_link(loses(not_found, not_found), [](HttpLinkTest& test, Link& link) -> Task<> {
        auto again = tool(R"({"name":"a"})");
        again.is_repetition = true;
        EXPECT_EQ(co_await test.call(link, again), "upstream_failed: upstream refused the request");
        co_await test.until([&] { return !link.is_usable(); });
    });
}

TEST_F(HttpLinkTest, pings_once_for_all_calls_that_were_refused) {
    static unsigned done;
    done = 0;
    with_link(loses(not_found, lives), [](HttpLinkTest& test, Link& link) -> Task<> {
        const auto count = [](HttpLinkTest& of, Link& on) -> Task<> {
            std::ignore = co_await of.call(on, tool(R"({"name":"a"})"));
            ++done;
        };
        for (int i = 0; i < 8; ++i)
            test.tasks.spawn(count(test, link));
        co_await test.until([] { return done == 8; });
        const auto pings = co_await test.call(link, {.method = "pings", .params = {}});
        // Who is refused while a ping is under way gets its answer, the others the next one.
        EXPECT_TRUE(pings == R"({"pings": 1})" || pings == R"({"pings": 2})") << pings;
    });
}

// What is refused here is said outside of calls.
TEST_F(HttpLinkTest, finds_a_session_lost_when_a_notification_or_an_answer_is_refused) {
    constexpr std::string_view script = R"py(
accept = send
def send(h, status, body, kind="application/json", session=None):
    accept(h, 404 if status == 202 and len(seen) > 3 else status, body, kind, session)
def run(h, m):
    if m["method"] == "ping": return accept(h, 404, b"")
    stream(h, [{"id": "q1", "method": "roots/list"}, {"id": m["id"], "result": {}}])
)py";
    for (const bool is_answer : {false, true}) {
        static bool answers;
        answers = is_answer;
        with_link(script, [](HttpLinkTest& test, Link& link) -> Task<> {
            if (answers) {
                EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), "{}");
            } else {
                link.notify("notifications/roots/list_changed", {});
                link.notify("notifications/roots/list_changed", R"({"_meta":{}})");
            }
            co_await test.until([&] { return !link.is_usable(); });
        });
    }
}

// Answers a call on the GET stream, while its own stream is as `where` says: not there yet, ended
// by 202 before or after that, or broken off with a pause and not to be resumed.
constexpr std::string_view answers_on_the_get_stream = R"py(
asked, wanted, said, end = {}, threading.Event(), threading.Event(), threading.Event()
def listen(h):
    stream(h, [])
    wanted.wait(5)
    m = {"jsonrpc": "2.0", "id": asked["id"], "result": {"got": 1}}
    h.wfile.write(b"data: " + json.dumps(m).encode() + b"\n\n")
    h.wfile.flush()
    said.set()
    end.wait(5)
def resume(h):
    send(h, 409, b"") if where == "paused" else send(h, 405, b"")
def run(h, m):
    if m["method"] == "end": return reply(h, m, {"set": end.set()})
    asked["id"] = m["id"]
    if where == "before":
        wanted.set()
        end.wait(5)
        return send(h, 202, b"")
    if where == "after":
        send(h, 202, b"")
        return wanted.set()
    stream(h, [])
    h.wfile.write(b"id: e1\nretry: 60000\ndata:\n\n")
    h.wfile.flush()
    threading.Timer(0.2, wanted.set).start()
)py";

TEST_F(
    HttpLinkTest, takes_an_answer_that_comes_on_the_get_stream_whatever_becomes_of_the_calls_own
) {
    for (const auto* const where : {"before", "after", "paused"}) {
        with_link(
            "where = '" + std::string(where) + "'\n" + std::string(answers_on_the_get_stream),
            [](HttpLinkTest& test, Link& link) -> Task<> {
                EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), R"({"got": 1})");
                co_await test.call(link, {.method = "end", .params = {}});
            }
        );
    }
}

TEST_F(HttpLinkTest, waits_for_an_answer_after_202_until_the_calls_time_is_over) {
    constexpr std::string_view script = R"py(
end = threading.Event()
def listen(h):
    stream(h, [])
    end.wait(5)
def run(h, m):
    if m["method"] == "end": return reply(h, m, {"set": end.set()})
    send(h, 202, b"")
)py";
    with_link(script, [](HttpLinkTest& test, Link& link) -> Task<> {
        auto request = tool(R"({"name":"a"})");
        request.deadline = test.shard.now() + std::chrono::milliseconds(50);
        EXPECT_EQ(
            co_await test.call(link, request), "timed_out: Upstream server did not answer in time"
        );
        co_await test.call(link, {.method = "end", .params = {}});
    });
}

TEST_F(HttpLinkTest, takes_an_error_without_an_id_on_a_stream_for_a_refusal_of_the_call) {
    constexpr std::string_view script = R"py(
def run(h, m):
    stream(h, [{"id": None, "error": {"code": -32001, "message": "gone"}}])
)py";
    with_link(script, [](HttpLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"a"})")), lost);
    });
}

}  // namespace
}  // namespace gw::upstream
