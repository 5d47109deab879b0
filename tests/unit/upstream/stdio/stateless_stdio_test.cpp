#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "unit/upstream/process/children.hpp"
#include "upstream/stdio/stdio_link.hpp"

#include <memory>
#include <optional>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// on(m) gets every message; `seen` has their methods.
constexpr std::string_view server = R"py(
import json, sys
V = "io.modelcontextprotocol/"
seen = []
discovered = {"resultType": "complete", "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}, "logging": {}}, "ttlMs": 0, "cacheScope": "private"}
def send(m):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **m}) + "\n")
    sys.stdout.flush()
def tell(method, params): send({"method": "notifications/" + method, "params": params})
def reply(m, result): send({"id": m["id"], "result": result})
def refuse(m, code, data=None): send({"id": m["id"], "error": {"code": code, "message": "no", "data": data}})
def discover(m): reply(m, discovered)
def initialize(m): reply(m, {"protocolVersion": "2025-11-25", "seen": seen})
def on(m): reply(m, m["params"])
#SCRIPT
for line in sys.stdin:
    m = json.loads(line)
    seen.append(m.get("method", "response"))
    if seen[-1] == "server/discover": discover(m)
    elif seen[-1] == "initialize": initialize(m)
    else: on(m)
)py";

class StatelessStdioTest : public Children {
public:
    using Work = Task<> (*)(StatelessStdioTest& test, Link& link);

    void with_link(std::string_view script, Work work) {
        std::string text(server);
        text.replace(text.find("#SCRIPT"), 7, script);
        const auto era = config.era;
        config = program("python3", {"-SE", write_file("server.py", text)});
        config.era = era;
        run(open(work));
    }

    Task<> open(Work work) {
        StdioServer one({around, config, processes, verdict});
        const auto link = make_stdio_link(one, outside, purpose);
        const auto result = co_await link->open(R"({"init":1})");
        opened = result ? std::string(result->view()) : to_string(result.error());
        co_await work(*this, *link);
        co_await link->close();
        co_await one.close();
    }

    Task<std::string> call(Link& link, mcp::Request wanted) {
        if (wanted.deadline == TimePoint::max()) wanted.deadline = shard.now() + 5s;
        const auto answer = co_await link.call(wanted, caller);
        if (!answer) co_return to_string(answer.error());
        if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
            co_return "refused " + std::string(refused->error.view());
        }
        if (const auto* required = std::get_if<mcp::InputRequired>(&*answer)) {
            co_return "required " + std::string(required->result.view());
        }
        co_return std::string(std::get<mcp::Completed>(*answer).result.view());
    }

    Config config;
    EraVerdict verdict;
    LinkPurpose purpose;
    std::string opened;
    Caller outside{shard};
    Caller caller{shard};
};

TEST_F(StatelessStdioTest, opens_with_what_a_server_discovers_of_itself) {
    with_link("", [](StatelessStdioTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            test.opened,
            R"({"capabilities":{"tools": {}, "logging": {}},"serverInfo":{},)"
            R"("ttlMs":0,"cacheScope":"private"})"
        );
        EXPECT_TRUE(link.is_stateless());
        EXPECT_EQ(test.verdict.choice(test.purpose.prefers, test.shard.now()), Era::stateless);
        const auto params = co_await test.call(link, {.method = "x", .params = {}});
        EXPECT_EQ(
            params,
            R"({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", )"
            R"("io.modelcontextprotocol/clientCapabilities": {}, )"
            R"("io.modelcontextprotocol/clientInfo": {"name": "bascule", "version": "0.1.0"}, )"
            R"("io.modelcontextprotocol/logLevel": "info"}})"
        );
    });
}

TEST_F(StatelessStdioTest, initializes_a_server_that_does_not_know_the_question_and_asks_once) {
    with_link(
        "def discover(m): refuse(m, -32601)",
        [](StatelessStdioTest& test, Link& link) -> Task<> {
            EXPECT_EQ(
                test.opened,
                R"({"protocolVersion": "2025-11-25", "seen": ["server/discover", "initialize"]})"
            );
            EXPECT_FALSE(link.is_stateless());
            co_return;
        }
    );
    EXPECT_EQ(verdict.choice(purpose.prefers, shard.now()), Era::sessions);
    with_link("", [](StatelessStdioTest& test, Link&) -> Task<> {
        EXPECT_EQ(test.opened, R"({"protocolVersion": "2025-11-25", "seen": ["initialize"]})");
        co_return;
    });
}

TEST_F(StatelessStdioTest, does_not_ask_the_next_process_when_the_first_ended_at_the_question) {
    with_link("def discover(m): sys.exit(1)", [](StatelessStdioTest& test, Link& link) -> Task<> {
        EXPECT_EQ(test.opened, "upstream_failed: the upstream server has ended");
        EXPECT_FALSE(link.is_usable());
        EXPECT_EQ(test.verdict.choice(test.purpose.prefers, test.shard.now()), Era::sessions);
        co_return;
    });
}

TEST_F(StatelessStdioTest, speaks_the_era_that_is_configured) {
    config.era = Era::sessions;
    with_link("", [](StatelessStdioTest& test, Link&) -> Task<> {
        EXPECT_EQ(test.opened, R"({"protocolVersion": "2025-11-25", "seen": ["initialize"]})");
        co_return;
    });
    config.era = Era::stateless;
    with_link("def discover(m): refuse(m, -32601)", [](StatelessStdioTest& test, Link&) -> Task<> {
        EXPECT_EQ(
            test.opened, "upstream_failed: upstream sent an invalid answer to server/discover"
        );
        co_return;
    });
}

TEST_F(StatelessStdioTest, takes_the_first_positive_answer_whenever_it_comes) {
    limits.era_silence_max = 50ms;
    constexpr std::string_view late = R"py(
waiting = []
def discover(m): waiting.append(m)
def on(m): reply(m, {"seen": seen})
def initialize(m):
    REFUSE
    for each in waiting: reply(each, discovered)
)py";
    for (const std::string refusal : {
             R"(refuse(m, -32022, {"supported": ["2026-07-28"], "requested": "2025-11-25"}))",
             R"(refuse(m, -32600))",
             R"(send({"id": m["id"], "error": {"code": -32600, "message": "Duplicate initialize"}}))",
         }) {
        std::string script(late);
        script.replace(script.find("REFUSE"), 6, refusal);
        verdict.forget();
        with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
            EXPECT_TRUE(test.opened.contains("serverInfo")) << test.opened;
            EXPECT_TRUE(link.is_stateless());
            EXPECT_EQ(
                co_await test.call(link, {.method = "seen", .params = {}}),
                R"({"seen": ["server/discover", "initialize", "seen"]})"
            );
        });
        EXPECT_EQ(verdict.choice(purpose.prefers, shard.now()), Era::stateless);
    }
}

TEST_F(StatelessStdioTest, is_initialized_when_only_that_is_answered) {
    limits.era_silence_max = 50ms;
    with_link("def discover(m): pass", [](StatelessStdioTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            test.opened,
            R"({"protocolVersion": "2025-11-25", "seen": ["server/discover", "initialize"]})"
        );
        EXPECT_FALSE(link.is_stateless());
        co_return;
    });
    EXPECT_EQ(verdict.choice(purpose.prefers, shard.now()), Era::sessions);
}

TEST_F(StatelessStdioTest, waits_for_a_server_that_is_configured_as_stateless) {
    limits.era_silence_max = 50ms;
    config.era = Era::stateless;
    constexpr std::string_view script = R"py(
import threading
def discover(m): threading.Timer(0.3, reply, (m, discovered)).start()
def on(m): reply(m, {"seen": seen})
)py";
    with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, {.method = "seen", .params = {}}),
            R"({"seen": ["server/discover", "seen"]})"
        );
    });
}

TEST_F(StatelessStdioTest, asks_in_a_version_that_the_server_offers_whichever_question_it_refused) {
    constexpr std::string_view script = R"py(
def on(m): reply(m, {"seen": seen})
def refused(m): refuse(m, -32022, {"supported": ["2026-07-28", "2025-11-25"]})
def discover(m): refused(m) if seen.count("server/discover") == FIRST else reply(m, discovered)
def initialize(m): refused(m)
)py";
    for (const auto expected : {Era::stateless, Era::sessions}) {
        std::string text(script);
        const bool is_discover = expected == Era::stateless;
        text.replace(text.find("FIRST"), 5, is_discover ? "1" : "0");
        verdict.forget();
        if (expected == Era::sessions) verdict.deny(Era::stateless, shard.now());
        with_link(text, [](StatelessStdioTest& test, Link& link) -> Task<> {
            EXPECT_TRUE(link.is_stateless()) << test.opened;
            const auto seen = co_await test.call(link, {.method = "seen", .params = {}});
            EXPECT_TRUE(
                seen == R"({"seen": ["server/discover", "server/discover", "seen"]})" ||
                seen == R"({"seen": ["initialize", "server/discover", "seen"]})"
            ) << seen;
        });
    }
}

// It may not know that version after all, or be of both eras.
TEST_F(StatelessStdioTest, initializes_a_server_that_offers_only_revisions_with_sessions) {
    constexpr std::string_view script =
        R"(def discover(m): refuse(m, -32022, {"supported": ["2025-11-25"]}))";
    with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
        EXPECT_FALSE(link.is_stateless()) << test.opened;
        EXPECT_TRUE(test.opened.starts_with(R"({"protocolVersion": "2025-11-25")")) << test.opened;
        co_return;
    });
}

TEST_F(StatelessStdioTest, keeps_the_process_until_the_time_to_start_is_over) {
    limits.era_silence_max = 50ms;
    limits.start_timeout = 400ms;
    const auto begin = shard.now();
    with_link(
        "def discover(m): pass\ndef initialize(m): pass",
        [](StatelessStdioTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.opened, "timed_out: Upstream server did not answer in time");
            co_return;
        }
    );
    EXPECT_GE(shard.now() - begin, 400ms);
}

TEST_F(StatelessStdioTest, passes_only_the_progress_and_the_logs_that_were_asked_for) {
    constexpr std::string_view script = R"py(
def on(m):
    if seen[-1] == "response": return
    tell("progress", {"progressToken": m["id"], "progress": 1})
    tell("progress", {"progressToken": 99, "progress": 1})
    tell("message", {"level": "info", "data": 1})
    tell("message", {"level": "error", "data": 1})
    tell("tools/list_changed", {})
    send({"id": 7, "method": "roots/list"})
    reply(m, {"resultType": "complete"})
)py";
    with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
        constexpr std::string_view params = R"({"name":"a","_meta":{"progressToken":"p"}})";
        const mcp::Envelope envelope{.capabilities = {}, .log_level = mcp::LogLevel::warning};
        const mcp::Request wanted{
            .method = "tools/call",
            .params = params,
            .progress_token = params.substr(37, 3),
            .meta = params.substr(20, 21),
            .envelope = &envelope
        };
        EXPECT_EQ(co_await test.call(link, wanted), R"({"resultType": "complete"})");
        EXPECT_EQ(
            test.caller.heard,
            (Lines{
                R"(notifications/progress {"progressToken": 1, "progress": 1} token 1)",
                R"(notifications/message {"level": "error", "data": 1})"
            })
        );
        EXPECT_EQ(test.outside.heard, Lines());
        test.caller.heard.clear();
        EXPECT_EQ(
            co_await test.call(link, {.method = "tools/call", .params = params}),
            R"({"resultType": "complete"})"
        );
        EXPECT_EQ(
            test.caller.heard,
            (Lines{
                R"(notifications/message {"level": "info", "data": 1})",
                R"(notifications/message {"level": "error", "data": 1})"
            })
        );
    });
}

TEST_F(StatelessStdioTest, tells_results_by_their_type) {
    with_link(
        R"(def on(m): reply(m, {"resultType": m["params"]["name"]}))",
        [](StatelessStdioTest& test, Link& link) -> Task<> {
            const auto call = [&](std::string_view params) {
                return test.call(link, {.method = "tools/call", .params = params});
            };
            EXPECT_EQ(
                co_await call(R"({"name":"input_required"})"),
                R"(required {"resultType": "input_required"})"
            );
            EXPECT_EQ(
                co_await call(R"({"name":"task"})"),
                "upstream_failed: upstream sent a result with an unexpected resultType"
            );
        }
    );
}

TEST_F(StatelessStdioTest, cancels_by_a_notification) {
    constexpr std::string_view script = R"py(
def on(m):
    if seen[-1] == "seen": reply(m, {"seen": seen})
)py";
    with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
        const mcp::Request wanted{
            .method = "tools/call", .params = {}, .deadline = test.shard.now() + 30ms
        };
        EXPECT_EQ(
            co_await test.call(link, wanted), "timed_out: Upstream server did not answer in time"
        );
        EXPECT_EQ(
            co_await test.call(link, {.method = "seen", .params = {}}),
            R"({"seen": ["server/discover", "tools/call", "notifications/cancelled", "seen"]})"
        );
    });
}

TEST_F(StatelessStdioTest, subscribes_by_a_request_that_stays_open) {
    constexpr std::string_view script = R"py(
def on(m):
    if seen[-1] == "seen": return reply(m, {"seen": seen})
    if seen[-1] != "subscriptions/listen": return
    meta = {"_meta": {V + "subscriptionId": m["id"]}}
    tell("subscriptions/acknowledged", {"notifications": m["params"]["notifications"], **meta})
    tell("resources/updated", {"uri": "x://y", **meta})
    tell("resources/updated", {"uri": "x://z"})
)py";
    with_link(script, [](StatelessStdioTest& test, Link& link) -> Task<> {
        constexpr std::string_view params = R"({"uri":"x://y"})";
        EXPECT_EQ(
            co_await test.call(link, {.method = "resources/subscribe", .params = params}), "{}"
        );
        co_await test.until([&] { return !test.outside.heard.empty(); });
        EXPECT_EQ(test.outside.heard, Lines{R"(notifications/resources/updated {"uri":"x://y"})"});
        EXPECT_EQ(
            co_await test.call(link, {.method = "resources/unsubscribe", .params = params}), "{}"
        );
        // The server is told soon.
        std::string seen;
        for (int i = 0; i < 20 && !seen.contains("cancelled"); ++i)
            seen = co_await test.call(link, {.method = "seen", .params = {}});
        EXPECT_TRUE(seen.starts_with(R"({"seen": ["server/discover", "subscriptions/listen", )"));
        EXPECT_TRUE(seen.contains("notifications/cancelled"));
    });
}

}  // namespace
}  // namespace gw::upstream
