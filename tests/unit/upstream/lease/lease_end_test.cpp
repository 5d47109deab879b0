#include "unit/upstream/http/stateless_fixture.hpp"
#include "upstream/http/probing_link.hpp"
#include "upstream/lease/lease.hpp"
#include "upstream/stdio/stdio_link.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

// A lease is ended at every step of a call of it, in every way. Whoever still waits inside of what
// is gone then is found by the address sanitizer, or by who asserts that nobody is left.
namespace gw::upstream {
namespace {

// Says what it has come to, and stands still there.
constexpr std::string_view stands_still = R"py(
def at(h, step):
    if h.headers["X-Step"] != step: return
    open("at." + h.headers["X-Try"], "w").close()
    time.sleep(8)
def event(h, step, m):
    h.wfile.write(b"id: 1\nretry: 1\ndata: " + json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n\n")
    h.wfile.flush()
    at(h, step)
def answer_slowly(h, m, asks):
    at(h, "begin")
    stream(h, [])
    at(h, "head")
    token = m["params"]["_meta"]["progressToken"]
    event(h, "progress", {"method": "notifications/progress", "params": {"progressToken": token, "progress": 1}})
    if h.headers["X-Step"] == "resume": return
    if asks: event(h, "question", {"id": "q", "method": "roots/list"})
    event(h, "", {"id": m["id"], "result": {"resultType": "complete"}})
)py";

constexpr std::string_view with_sessions = R"py(
def discover(h, m): refuse(h, m, -32601)
def on(h, m):
    if m["method"] == "initialize": return initialize(h, m, h.headers["X-Id"])
    if m["method"] == "tools/call": return answer_slowly(h, m, True)
    reply(h, m, {})
)py";

constexpr std::string_view stateless = R"py(
def on(h, m): answer_slowly(h, m, False) if m["method"] == "tools/call" else reply(h, m, {})
)py";

constexpr std::string_view on_pipes = R"py(
import json, os, sys, time
def at(step):
    if os.environ["STEP"] != step: return
    open("at." + os.environ["TRY"], "w").close()
    time.sleep(8)
def send(m): print(json.dumps({"jsonrpc": "2.0", **m}), flush=True)
at("start")
for line in sys.stdin:
    m = json.loads(line)
    method = m.get("method", "response")
    at(method)
    if method == "tools/call":
        token = m["params"]["_meta"]["progressToken"]
        send({"method": "notifications/progress", "params": {"progressToken": token, "progress": 1}})
        at("progress")
        send({"id": "q", "method": "roots/list"})
        at("question")
    if "id" in m and method == "initialize":
        send({"id": m["id"], "result": {"protocolVersion": "2025-11-25", "capabilities": {"logging": {}}}})
    elif "id" in m and method != "response":
        send({"id": m["id"], "result": {}})
)py";

class LeaseEndTest : public ScriptedServer, public testing::WithParamInterface<std::string_view> {
public:
    // What ends it.
    static constexpr std::array ways{
        "closed", "dropped and closed", "the caller is cancelled", "the call is withdrawn"
    };

    // What a server is slow to open it may leave there, too.
    LeaseEndTest() { around.leaving_wait = std::chrono::milliseconds(200); }

    // Ends a lease in every way at the step of this test.
    Task<> end_at_the_step(bool is_process) {
        for (const std::string_view way : ways) {
            for (const bool is_slow : {false, true}) {
                if (is_slow && GetParam() != "progress") continue;
                SCOPED_TRACE(std::string(way) + (is_slow ? ", a slow caller" : ""));
                caller.is_slow = is_slow;
                // A server that gave no id hears no DELETE, which would give others time to leave.
                for (const std::string_view id : {"1", ""}) {
                    if (id.empty() && is_process) continue;
                    co_await end_at(GetParam(), way, id, is_process);
                }
            }
        }
    }

    Task<> end_at(
        std::string_view step, std::string_view way, std::string_view id, bool is_process
    ) {
        const auto number = std::to_string(++tries_);
        config.headers = {{"X-Step", std::string(step)}, {"X-Try", number}};
        if (!id.empty()) config.headers.emplace_back("X-Id", id);
        config.env = {{"STEP", std::string(step)}, {"TRY", number}};
        if (!is_process) verdict.forget();
        StdioServer server({around, config, processes, verdict});
        Lease lease(
            around,
            ConfigHandle(ConfigHandle(), &config),
            {.roots = true},
            [this, is_process, &server](const LinkPurpose& what) -> std::unique_ptr<Link> {
                if (is_process) {
                    return make_stdio_link(server, outside, what);
                }
                return std::make_unique<ProbingLink>(
                    around, config, origin(), verdict, outside, what
                );
            }
        );
        lease.set_log_level(mcp::LogLevel::debug);
        std::optional<Result<mcp::Answer>> answer;
        async::Gate callers(shard);
        callers.spawn(call(lease, answer));
        co_await until([&] { return std::filesystem::exists(folder / ("at." + number)); });
        if (way == "dropped and closed") lease.drop();
        if (way == "the caller is cancelled") callers.cancel();
        if (way == "the call is withdrawn" && caller.call != nullptr) caller.call->withdraw();
        const auto begun = clock.now();
        co_await lease.close();
        co_await server.close();
        EXPECT_TRUE(answer.has_value()) << "somebody is left behind";
        EXPECT_LT(clock.now() - begun, std::chrono::seconds(5));
        co_await callers.close();
    }

private:
    Task<> call(Lease& lease, std::optional<Result<mcp::Answer>>& answer) {
        const std::string_view params = R"({"name":"n","_meta":{"progressToken":"t"}})";
        mcp::Request request{
            .method = "tools/call",
            .params = params,
            .progress_token = params.substr(params.find("\"t\""), 3)
        };
        answer = co_await lease.call(std::move(request), caller);
    }

    int tries_ = 0;
};

std::string name_of(const testing::TestParamInfo<std::string_view>& info) {
    std::string name(info.param);
    std::ranges::replace_if(name, [](char c) { return c == '/'; }, '_');
    return name;
}

class OfSessions : public LeaseEndTest {};

TEST_P(OfSessions, may_end_at) {
    caller.thinks = true;
    with_server(
        std::string(stands_still) + std::string(with_sessions),
        [](ScriptedServer& base) -> Task<> {
            co_await static_cast<LeaseEndTest&>(base).end_at_the_step(false);
        }
    );
}

INSTANTIATE_TEST_SUITE_P(
    Lease,
    OfSessions,
    testing::Values(
        "server/discover",
        "initialize",
        "notifications/initialized",
        "get",
        "logging/setLevel",
        "tools/call",
        "begin",
        "head",
        "progress",
        "question",
        "resume"
    ),
    name_of
);

class Stateless : public LeaseEndTest {};

TEST_P(Stateless, may_end_at) {
    with_server(
        std::string(stands_still) + std::string(stateless),
        [](ScriptedServer& base) -> Task<> {
            co_await static_cast<LeaseEndTest&>(base).end_at_the_step(false);
        }
    );
}

INSTANTIATE_TEST_SUITE_P(
    Lease,
    Stateless,
    testing::Values("server/discover", "tools/call", "begin", "head", "progress"),
    name_of
);

class OfProcess : public LeaseEndTest {};

TEST_P(OfProcess, may_end_at) {
    limits.process_kill_after = std::chrono::milliseconds(50);
    caller.thinks = true;
    config = program("python3", {"-SE", write_file("server.py", on_pipes)}, {}, folder);
    config.transport = Transport::stdio;
    verdict.deny(Era::stateless, shard.now());
    const auto body = [](LeaseEndTest& test) -> Task<> { co_await test.end_at_the_step(true); };
    run(body(*this));
}

INSTANTIATE_TEST_SUITE_P(
    Lease,
    OfProcess,
    testing::Values(
        "start",
        "initialize",
        "notifications/initialized",
        "logging/setLevel",
        "tools/call",
        "progress",
        "question"
    ),
    name_of
);

}  // namespace
}  // namespace gw::upstream
