#include "upstream/http/stateless_link.hpp"

#include "unit/upstream/http/stateless_fixture.hpp"

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class StatelessLinkTest : public ScriptedServer {
public:
    using Body = Task<> (*)(StatelessLinkTest& test, Link& link);

    // Opens a link to the server with `script`, and does `body`.
    void with_link(std::string_view script, Body body) {
        body_ = body;
        with_server(script, [](ScriptedServer& base) -> Task<> {
            auto& test = static_cast<StatelessLinkTest&>(base);
            StatelessLink link(
                test.around, test.config, test.origin(), test.verdict, test.outside, test.purpose
            );
            test.opened = co_await link.open("{}");
            test.found = link.found();
            co_await test.body_(test, link);
            co_await link.close();
        });
    }

    std::string opening() const {
        return *opened ? std::string((*opened)->view()) : to_string(opened->error());
    }

    std::optional<Result<Slice>> opened;
    std::optional<Era> found;

private:
    Body body_ = nullptr;
};

mcp::Request tool(std::string_view params) {
    return {.method = "tools/call", .params = params};
}

TEST_F(StatelessLinkTest, opens_with_what_a_server_discovers_of_itself) {
    with_link("", [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            test.opening(),
            R"({"capabilities":{"tools": {}, "logging": {}, "resources": {"subscribe": true}},)"
            R"("serverInfo":{"name": "s", "version": "1"},"instructions":"be kind",)"
            R"("ttlMs":0,"cacheScope":"private"})"
        );
        EXPECT_EQ(test.found, Era::stateless);
        EXPECT_EQ(test.verdict.choice(test.purpose.prefers, test.shard.now()), Era::stateless);
        EXPECT_TRUE(link.is_stateless());
        co_return;
    });
}

TEST_F(StatelessLinkTest, says_version_capabilities_method_and_name_with_every_request) {
    purpose.capabilities.sampling = true;
    constexpr std::string_view script = R"py(
def on(h, m): reply(h, m, {"resultType": "complete", "seen": seen[-1]})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        const auto answer = co_await test.call(link, tool(R"({"name":"caf\u00e9"})"));
        const auto object = json::Object::parse(answer);
        const auto seen = json::Object::parse((*object)["seen"]);
        const auto headers = json::Object::parse((*seen)["headers"]);
        EXPECT_EQ((*headers)["mcp-protocol-version"], R"("2026-07-28")");
        EXPECT_EQ((*headers)["mcp-method"], R"("tools/call")");
        EXPECT_EQ((*headers)["mcp-name"], R"("=?base64?Y2Fmw6k=?=")");
        const auto params = json::Object::parse((*seen)["params"]);
        const auto meta = json::Object::parse((*params)["_meta"]);
        EXPECT_EQ((*meta)["io.modelcontextprotocol/protocolVersion"], R"("2026-07-28")");
        EXPECT_EQ((*meta)["io.modelcontextprotocol/clientCapabilities"], R"({"sampling": {}})");
        EXPECT_EQ((*meta)["io.modelcontextprotocol/logLevel"], R"("info")");
    });
}

TEST_F(StatelessLinkTest, takes_answers_with_its_id_as_a_string_and_with_status_201) {
    constexpr std::string_view script = R"py(
def on(h, m):
    answer = {"id": str(m["id"]), "result": {"resultType": "complete"}}
    if m["params"]["name"] == "stream": return stream(h, [answer])
    send(h, 201, {"jsonrpc": "2.0", **answer})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        constexpr std::string_view complete = R"({"resultType": "complete"})";
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"plain"})")), complete);
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":"stream"})")), complete);
    });
}

TEST_F(StatelessLinkTest, keeps_what_the_client_wrote_into_meta) {
    constexpr std::string_view script = R"py(
def on(h, m): reply(h, m, m["params"]["_meta"])
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        constexpr std::string_view params = R"({"_meta":{"traceparent":"t"},"uri":"x://y"})";
        const auto answer = co_await test.call(
            link, {.method = "resources/read", .params = params, .meta = params.substr(9, 19)}
        );
        const auto meta = json::Object::parse(answer);
        EXPECT_EQ((*meta)["traceparent"], R"("t")");
        EXPECT_EQ((*meta)["io.modelcontextprotocol/protocolVersion"], R"("2026-07-28")");
    });
}

TEST_F(StatelessLinkTest, passes_only_the_progress_and_the_logs_that_were_asked_for) {
    constexpr std::string_view script = R"py(
def on(h, m):
    def progress(token): return {"method": "notifications/progress", "params": {"progressToken": token, "progress": 1}}
    def log(level): return {"method": "notifications/message", "params": {"level": level, "data": 1}}
    stream(h, [progress(m["id"]), progress(99), log("info"), log("error"),
        {"method": "notifications/tools/list_changed"},
        {"id": 7, "method": "roots/list"},
        {"id": m["id"], "result": {"resultType": "complete"}}])
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        constexpr std::string_view params = R"({"name":"a","_meta":{"progressToken":"p"}})";
        auto wanted = tool(params);
        wanted.meta = params.substr(20, 21);
        wanted.progress_token = params.substr(37, 3);
        const mcp::Envelope envelope{.capabilities = {}, .log_level = mcp::LogLevel::warning};
        wanted.envelope = &envelope;
        EXPECT_EQ(co_await test.call(link, wanted), R"({"resultType": "complete"})");
        EXPECT_EQ(
            test.caller.heard,
            (Lines{
                R"(notifications/progress {"progressToken": 512, "progress": 1} token 512)",
                R"(notifications/message {"level": "error", "data": 1})"
            })
        );
        EXPECT_EQ(test.outside.heard, Lines());
        test.caller.heard.clear();
        auto quiet = tool(params);
        const mcp::Envelope without_level;
        quiet.envelope = &without_level;
        EXPECT_EQ(co_await test.call(link, quiet), R"({"resultType": "complete"})");
        EXPECT_EQ(test.caller.heard, Lines());
        EXPECT_EQ(test.logged.size(), 2U);
        // Who has a session and set no level hears what is worth it.
        EXPECT_EQ(co_await test.call(link, tool(params)), R"({"resultType": "complete"})");
        EXPECT_EQ(test.caller.heard.size(), 2U);
    });
}

TEST_F(StatelessLinkTest, keeps_the_log_level_of_a_session_and_says_it_with_requests) {
    constexpr std::string_view script = R"py(
def on(h, m): reply(h, m, {"resultType": "complete", "level": m["params"]["_meta"].get(V + "logLevel")})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        const auto level = co_await test.call(
            link,
            {.method = "logging/setLevel", .params = std::string_view(R"({"level":"notice"})")}
        );
        EXPECT_EQ(level, "{}");
        const auto own = co_await test.call(link, tool(R"({"name":"a"})"));
        EXPECT_EQ(own, R"({"resultType": "complete", "level": "notice"})");
        const mcp::Envelope envelope;
        auto other = tool(R"({"name":"a"})");
        other.envelope = &envelope;
        EXPECT_EQ(co_await test.call(link, other), R"({"resultType": "complete", "level": null})");
    });
}

TEST_F(StatelessLinkTest, tells_results_by_their_type) {
    constexpr std::string_view script = R"py(
def on(h, m): reply(h, m, {"resultType": m["params"]["name"]} if m["params"]["name"] else {})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, tool(R"({"name":""})")), "{}");
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"input_required"})")),
            R"(required {"resultType": "input_required"})"
        );
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"task"})")),
            "upstream_failed: upstream sent a result with an unexpected resultType"
        );
        constexpr std::string_view params = R"({"name":"input_required"})";
        EXPECT_EQ(
            co_await test.call(link, {.method = "completion/complete", .params = params}),
            "upstream_failed: upstream sent a result with an unexpected resultType"
        );
    });
}

TEST_F(StatelessLinkTest, takes_tasks_for_clients_that_know_the_extension) {
    purpose.capabilities.tasks = true;
    constexpr std::string_view script = R"py(
def on(h, m):
    if m["method"] == "tasks/get": reply(h, m, {"name": seen[-1]["headers"]["mcp-name"]})
    else: reply(h, m, {"resultType": "task", "can": m["params"]["_meta"][V + "clientCapabilities"]})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"x"})")),
            R"({"resultType": "task", "can": {"extensions": {"io.modelcontextprotocol/tasks": {}}}})"
        );
        constexpr std::string_view params = R"({"taskId":"t 1"})";
        EXPECT_EQ(
            co_await test.call(link, {.method = "tasks/get", .params = params}),
            R"({"name": "t 1"})"
        );
        constexpr std::string_view named = R"({"name":"x"})";
        EXPECT_EQ(
            co_await test.call(link, {.method = "prompts/get", .params = named}),
            "upstream_failed: upstream sent a result with an unexpected resultType"
        );
    });
}

TEST_F(StatelessLinkTest, passes_on_errors_but_those_about_its_own_headers) {
    constexpr std::string_view script = R"py(
def on(h, m): refuse(h, m, int(m["params"]["uri"]), 404 if m["params"]["uri"] == "-32601" else 400)
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        const auto read = [&](std::string_view params) {
            return test.call(link, {.method = "resources/read", .params = params});
        };
        EXPECT_EQ(
            co_await read(R"({"uri":"-32021"})"),
            R"(refused {"code": -32021, "message": "no", "data": null})"
        );
        EXPECT_EQ(
            co_await read(R"({"uri":"-32601"})"),
            R"(refused {"code": -32601, "message": "no", "data": null})"
        );
        EXPECT_EQ(
            co_await read(R"({"uri":"-32020"})"), "upstream_failed: upstream refused the headers"
        );
        EXPECT_TRUE(link.is_usable());
    });
}

TEST_F(StatelessLinkTest, mirrors_arguments_anew_when_the_headers_are_refused) {
    constexpr std::string_view script = R"py(
schema = {"type": "object", "properties": {"r": {"type": "string", "x-mcp-header": "Region"}}}
def on(h, m):
    if m["method"] == "tools/list":
        if not m["params"].get("cursor"): return reply(h, m, {"tools": [], "nextCursor": "2"})
        return reply(h, m, {"tools": [{"name": "a", "inputSchema": schema}]})
    if h.headers["Mcp-Param-Region"] != "eu": return refuse(h, m, -32020)
    reply(h, m, {"methods": [each["method"] for each in seen]})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a","arguments":{"r":"eu"}})")),
            R"({"methods": ["server/discover", "tools/call", "tools/list", "tools/list", )"
            R"("tools/call"]})"
        );
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a","arguments":{"r":"us"}})")),
            "upstream_failed: upstream refused the headers"
        );
    });
}

TEST_F(StatelessLinkTest, repeats_a_lost_request_only_if_that_does_no_harm) {
    constexpr std::string_view script = R"py(
def on(h, m):
    if m["method"] == "count": return reply(h, m, {"count": len(seen)})
    stream(h, [])
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a"})")),
            "upstream_failed: upstream ended the stream without an answer"
        );
        EXPECT_EQ(co_await test.call(link, {.method = "count", .params = {}}), R"({"count": 3})");
        EXPECT_EQ(
            co_await test.call(link, {.method = "x/list", .params = {}, .is_repeatable = true}),
            "upstream_failed: upstream ended the stream without an answer"
        );
        EXPECT_EQ(co_await test.call(link, {.method = "count", .params = {}}), R"({"count": 6})");
    });
}

TEST_F(StatelessLinkTest, closes_the_connection_to_cancel) {
    constexpr std::string_view script = R"py(
closed = threading.Event()
def on(h, m):
    if m["method"] == "wait": return reply(h, m, {"closed": closed.wait(5), "seen": [each["method"] for each in seen]})
    while True:
        try:
            stream(h, [{"method": "notifications/alive"}])
            time.sleep(0.01)
        except OSError: return closed.set()
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        std::string answer;
        const auto keep = [](StatelessLinkTest& of, Link& on, std::string& to) -> Task<> {
            to = co_await of.call(on, tool(R"({"name":"a"})"));
        };
        test.tasks.spawn(keep(test, link, answer));
        co_await test.until([&] { return !test.caller.heard.empty(); });
        test.caller.call->withdraw();
        co_await test.until([&] { return !answer.empty(); });
        EXPECT_EQ(answer, "cancelled: the request was withdrawn");
        EXPECT_EQ(
            co_await test.call(link, {.method = "wait", .params = {}}),
            R"({"closed": true, "seen": ["server/discover", "tools/call", "wait"]})"
        );
    });
}

TEST_F(StatelessLinkTest, ends_at_the_deadline_which_progress_moves) {
    with_link("def on(h, m): time.sleep(0.3)", [](StatelessLinkTest& test, Link& link) -> Task<> {
        auto wanted = tool(R"({"name":"a"})");
        wanted.deadline = test.shard.now() + 50ms;
        EXPECT_EQ(
            co_await test.call(link, wanted), "timed_out: Upstream server did not answer in time"
        );
    });
}

TEST_F(StatelessLinkTest, subscribes_by_a_stream_and_passes_on_what_comes_on_it) {
    constexpr std::string_view script = R"py(
def on(h, m):
    V2 = {V + "subscriptionId": m["id"]}
    def updated(meta): return {"method": "notifications/resources/updated", "params": {"uri": "x://y", "_meta": meta}}
    stream(h, [
        {"method": "notifications/subscriptions/acknowledged", "params": {"notifications": m["params"]["notifications"], "_meta": V2}},
        updated(V2), updated({V + "subscriptionId": 99}),
        {"method": "notifications/tools/list_changed", "params": {"_meta": V2}}])
    time.sleep(9)
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(
                link,
                {.method = "resources/subscribe", .params = std::string_view(R"({"uri":"x://y"})")}
            ),
            "{}"
        );
        co_await test.until([&] { return !test.outside.heard.empty(); });
        const Lines heard{R"(notifications/resources/updated {"uri":"x://y"})"};
        EXPECT_EQ(test.outside.heard, heard);
    });
}

TEST_F(StatelessLinkTest, hears_of_changes_from_its_begin_if_that_is_what_it_is_for) {
    purpose.hears_changes = true;
    constexpr std::string_view script = R"py(
discovered["capabilities"] = {"tools": {"listChanged": True}, "prompts": {"listChanged": False}}
def on(h, m):
    V2 = {V + "subscriptionId": m["id"]}
    asked = m["params"]["notifications"]
    stream(h, [
        {"method": "notifications/subscriptions/acknowledged", "params": {"notifications": asked, "_meta": V2}},
        *({"method": "notifications/" + kind[:-11] + "/list_changed", "params": {"_meta": V2}} for kind in asked)])
    time.sleep(9)
)py";
    with_link(script, [](StatelessLinkTest& test, Link&) -> Task<> {
        co_await test.until([&] { return !test.outside.heard.empty(); });
        EXPECT_EQ(test.outside.heard, Lines{"notifications/tools/list_changed "});
    });
}

TEST_F(StatelessLinkTest, tells_a_server_with_sessions_by_what_it_answers) {
    for (const auto* const script : {
             "def discover(h, m): refuse(h, m, -32000)",
             "def discover(h, m): refuse(h, m, -32601, 200)",
             "def discover(h, m): send(h, 404, b'')",
             "def discover(h, m): reply(h, m, {})",
             "def discover(h, m): refuse(h, m, -32022, 400, {'supported': ['2025-11-25']})",
         }) {
        with_link(script, [](StatelessLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.found, Era::sessions);
            EXPECT_FALSE(test.opened->has_value());
            EXPECT_FALSE(test.verdict.choice(test.purpose.prefers, test.shard.now()));
            co_return;
        });
    }
}

TEST_F(StatelessLinkTest, tells_a_stateless_server_by_what_it_refuses) {
    with_link(
        "def discover(h, m): refuse(h, m, -32601, 404)",
        [](StatelessLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.found, Era::stateless);
            EXPECT_TRUE(test.opened->has_value());
            co_return;
        }
    );
    with_link(
        "def discover(h, m): refuse(h, m, -32020)",
        [](StatelessLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.found, Era::stateless);
            EXPECT_EQ(test.opening(), "upstream_failed: upstream refused the headers");
            co_return;
        }
    );
}

TEST_F(StatelessLinkTest, learns_nothing_of_the_era_from_refused_credentials_and_failures) {
    for (const auto* const script :
         {"def discover(h, m): refuse(h, m, -32022, 401)",
          "def discover(h, m): refuse(h, m, -32022, 503)"}) {
        with_link(script, [](StatelessLinkTest& test, Link&) -> Task<> {
            EXPECT_EQ(test.found, std::nullopt);
            EXPECT_FALSE(test.opened->has_value());
            co_return;
        });
    }
}

// A server with sessions stands in its place from the first call on.
constexpr std::string_view becomes_another = R"py(
def discover(h, m): reply(h, m, discovered) if len(seen) == 1 else on(h, m)
)py";

TEST_F(StatelessLinkTest, is_of_no_more_use_when_another_server_answers) {
    for (const auto* const refusal :
         {"def on(h, m): refuse(h, m, -32000)",
          "def on(h, m): refuse(h, {'id': 'server-error'}, -32600)",
          "def on(h, m): send(h, 404, b'')"}) {
        with_link(
            std::string(becomes_another) + refusal,
            [](StatelessLinkTest& test, Link& link) -> Task<> {
                EXPECT_EQ(
                    co_await test.call(link, tool(R"({"name":"a"})")),
                    "unknown_session: upstream is no stateless server any more"
                );
                EXPECT_FALSE(link.is_usable());
                EXPECT_FALSE(test.verdict.choice(test.purpose.prefers, test.shard.now()));
            }
        );
    }
}

TEST_F(
    StatelessLinkTest, does_not_know_whether_a_call_was_run_that_another_server_refuses_otherwise
) {
    for (const std::string refusal :
         {"def other(h, m): refuse(h, m, -32001)",
          "def other(h, m): refuse(h, m, -32000, 404)",
          "def other(h, m): refuse(h, m, -32601, 200)",
          "def other(h, m): reply(h, m, {})",
          "def other(h, m): send(h, 400, b'')"}) {
        with_link(
            refusal + R"py(
def discover(h, m): reply(h, m, discovered) if len(seen) == 1 else other(h, m)
def on(h, m): refuse(h, m, -32000)
)py",
            [](StatelessLinkTest& test, Link& link) -> Task<> {
                EXPECT_EQ(
                    co_await test.call(link, tool(R"({"name":"a"})")),
                    "upstream_failed: upstream is no stateless server any more, and it is not "
                    "known whether the call was run"
                );
                EXPECT_FALSE(link.is_usable());
            }
        );
    }
}

// Words that may be of a server with sessions, or about this call only.
TEST_F(StatelessLinkTest, asks_what_a_server_is_that_refuses_what_it_knows_and_else_has_an_answer) {
    for (const std::string refusal : {"refuse(h, m, -32601, 404)", "refuse(h, m, -32600)"}) {
        with_link(
            std::string(becomes_another) + "def on(h, m): " + refusal,
            [](StatelessLinkTest& test, Link& link) -> Task<> {
                EXPECT_EQ(
                    co_await test.call(link, tool(R"({"name":"a"})")),
                    "unknown_session: upstream is no stateless server any more"
                );
                EXPECT_FALSE(link.is_usable());
            }
        );
        with_link("def on(h, m): " + refusal, [](StatelessLinkTest& test, Link& link) -> Task<> {
            for (int i = 0; i < 3; ++i) {
                const auto answer = co_await test.call(link, tool(R"({"name":"a"})"));
                EXPECT_TRUE(answer.starts_with("refused ")) << answer;
            }
            EXPECT_TRUE(link.is_usable());
        });
        // The answer to the call, but no more calls.
        with_link(
            "def discover(h, m): reply(h, m, discovered) if len(seen) == 1 else send(h, 400, b'')\n"
            "def on(h, m): " +
                refusal,
            [](StatelessLinkTest& test, Link& link) -> Task<> {
                const auto answer = co_await test.call(link, tool(R"({"name":"a"})"));
                EXPECT_TRUE(answer.starts_with("refused ")) << answer;
                EXPECT_FALSE(link.is_usable());
            }
        );
    }
}

TEST_F(StatelessLinkTest, a_server_that_has_never_answered_the_question_is_not_asked_it_again) {
    constexpr std::string_view script = R"py(
def discover(h, m): refuse(h, m, -32601, 404)
def on(h, m): refuse(h, m, -32601, 404) if len(seen) == 2 else reply(h, m, {"resultType": "complete", "seen": len(seen)})
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        const auto answer = co_await test.call(link, tool(R"({"name":"a"})"));
        EXPECT_TRUE(answer.starts_with("refused ")) << answer;
        EXPECT_TRUE(link.is_usable());
        EXPECT_TRUE((co_await test.call(link, tool(R"({"name":"a"})"))).contains("\"seen\": 3"));
    });
}

TEST_F(
    StatelessLinkTest, takes_for_an_answer_what_a_stateless_server_refuses_by_a_code_of_its_own
) {
    constexpr std::string_view script = R"py(
def on(h, m): refuse(h, m, m["params"]["code"], m["params"]["status"])
)py";
    with_link(script, [](StatelessLinkTest& test, Link& link) -> Task<> {
        for (const auto* const params :
             {R"({"status":400,"code":1001})",
              R"({"status":404,"code":-1})",
              R"({"status":405,"code":5})",
              R"({"status":400,"code":-32000})",
              R"({"status":404,"code":-32002})"}) {
            const auto answer = co_await test.call(link, tool(params));
            EXPECT_TRUE(answer.starts_with("refused ")) << params << answer;
        }
        EXPECT_TRUE(link.is_usable());
        EXPECT_EQ(test.verdict.choice(test.purpose.prefers, test.shard.now()), Era::stateless);
    });
}

TEST_F(StatelessLinkTest, fails_a_call_that_a_stateless_server_refuses_without_a_word) {
    with_link("def on(h, m): send(h, 404, b'')", [](StatelessLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, tool(R"({"name":"a"})")),
            "upstream_failed: upstream refused the request"
        );
        EXPECT_TRUE(link.is_usable());
    });
}

}  // namespace
}  // namespace gw::upstream
