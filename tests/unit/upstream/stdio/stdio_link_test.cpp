#include "upstream/stdio/stdio_link.hpp"

#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "unit/upstream/process/children.hpp"

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A server that answers initialize, and does with the rest what the test says.
constexpr std::string_view program_text = R"py(
import json, os, sys, time
def send(m):
    sys.stdout.write((m if isinstance(m, str) else json.dumps(m)) + "\n")
    sys.stdout.flush()
def answer(m, result):
    send({"jsonrpc": "2.0", "id": m["id"], "result": result})
def on(m, line):
    answer(m, m.get("params", {}))
#SCRIPT
for line in sys.stdin:
    m = json.loads(line)
    if m.get("method") == "initialize":
        answer(m, {"protocolVersion": "2025-11-25"})
    elif m.get("method") != "notifications/initialized":
        on(m, line)
)py";

class StdioLinkTest : public Children {
public:
    StdioLinkTest() { verdict.deny(Era::stateless, shard.now()); }

    // What the server does with each message `m`, which came as `line`.
    void serve(std::string_view script) {
        std::string text(program_text);
        text.replace(text.find("#SCRIPT"), 7, script);
        config = program("python3", {"-SE", write_file("server.py", text)});
        config.cwd = folder;
    }

    // The body of most tests: opens a link, does `work` with it, closes it.
    using Work = Task<> (*)(StdioLinkTest& test, Link& link);

    void with_link(Work work) { run(opened(work)); }

    Task<> opened(Work work) {
        StdioServer one({around, config, processes, verdict});
        const auto link = make_stdio_link(one, outside, purpose);
        const auto result = co_await link->open("{}");
        EXPECT_EQ(
            result ? result->view() : to_string(result.error()),
            R"({"protocolVersion": "2025-11-25"})"
        );
        co_await work(*this, *link);
        co_await link->close();
        co_await one.close();
    }

    Task<std::string> call(Link& link, std::string_view method, std::string_view params = {}) {
        auto wanted = request(method, params);
        wanted.deadline = shard.now() + 5s;
        co_return outcome(co_await link.call(wanted, caller));
    }

    static std::string outcome(const Result<mcp::Answer>& answer) {
        if (!answer) return to_string(answer.error());
        if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
            return "refused " + std::string(refused->error.view());
        }
        return std::string(std::get<mcp::Completed>(*answer).result.view());
    }

    static Task<> keep(StdioLinkTest& test, Link& link, std::string method, std::string& outcome) {
        outcome = co_await test.call(link, method);
    }

    Config config;
    EraVerdict verdict;
    StdioServer server{{around, config, processes, verdict}};
    LinkPurpose purpose;
    Caller outside{shard};
    Caller caller{shard};
};

TEST_F(StdioLinkTest, calls_and_answers) {
    serve("");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "echo", R"({"a":"\u00e4"})"), R"({"a": "\u00e4"})");
        EXPECT_EQ(co_await test.call(link, "echo"), "{}");
        EXPECT_TRUE(link.is_usable());
    });
}

TEST_F(StdioLinkTest, sends_a_message_as_one_line_whatever_is_in_it) {
    serve("def on(m, line): answer(m, {'lines': line.count('\\n'), 'text': line})");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        const auto got = co_await test.call(
            link,
            "tools/call",
            "{\"arguments\":\n{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\"}\r\n, "
            "\"s\":\"\\n\"}"
        );
        EXPECT_TRUE(got.starts_with(R"({"lines": 1, )")) << got;
        EXPECT_TRUE(got.contains(R"({\"arguments\":{\"jsonrpc\":\"2.0\")")) << got;
        EXPECT_TRUE(got.contains(R"(\"s\":\"\\n\")")) << got;
    });
}

TEST_F(StdioLinkTest, moves_large_messages_both_ways) {
    serve("def on(m, line): answer(m, {'size': len(line), 'text': 'x' * 3000000})");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        const auto params = R"({"text":")" + std::string(2'000'000, 'y') + "\"}";
        const auto wanted = request("m", params);
        const auto answer = co_await link.call(wanted, test.caller);
        EXPECT_EQ(outcome(answer).size(), 3'000'029U);
        EXPECT_TRUE(outcome(answer).starts_with(R"({"size": 2000059, )"));
        EXPECT_GE(test.budget.used(), 3'000'000U);
    });
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(StdioLinkTest, asks_the_caller_and_brings_the_answer_back_on_one_line) {
    serve(R"py(
def on(m, line):
    if m.get("method"):
        send({"jsonrpc": "2.0", "id": "s-1", "method": "roots/list", "params": {}})
        on.call = m
    else:
        answer(on.call, m)
)py");
    caller.result = "{\"roots\":\n[]}";
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, "x"),
            R"({"jsonrpc": "2.0", "id": "s-1", "result": {"roots": []}})"
        );
        EXPECT_EQ(test.caller.heard, Lines{"roots/list? {}"});
    });
}

TEST_F(StdioLinkTest, tells_the_server_of_a_withdrawn_call) {
    serve(R"py(
def on(m, line):
    if m["method"] == "notifications/cancelled":
        send({"jsonrpc": "2.0", "method": "notifications/message", "params": m["params"]})
    else:
        send({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
)py");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        std::string outcome;
        test.tasks.spawn(keep(test, link, "x", outcome));
        co_await test.until([&] { return test.caller.heard.size() == 1; });
        test.caller.call->withdraw();
        co_await test.until([&] { return test.outside.heard.size() == 1; });
        EXPECT_EQ(outcome, "cancelled: the request was withdrawn");
        EXPECT_EQ(
            test.outside.heard.front(),
            R"(notifications/message {"requestId": 1, "reason": "the request was withdrawn"})"
        );
    });
}

TEST_F(StdioLinkTest, fails_the_running_calls_when_the_server_dies) {
    serve("def on(m, line): os._exit(3)");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "x"), "upstream_failed: the upstream server has ended");
        EXPECT_FALSE(link.is_usable());
        EXPECT_EQ(
            co_await test.call(link, "x"),
            "unknown_session: the upstream server's process has ended"
        );
        co_await test.until([&] { return !test.logged.empty(); });
        EXPECT_EQ(test.logged, Lines{"files the process ended: exit code 3"});
    });
}

TEST_F(StdioLinkTest, still_hears_what_a_server_said_before_it_died) {
    serve("def on(m, line): answer(m, {'last': 1}); os._exit(0)");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "x"), R"({"last": 1})");
    });
}

TEST_F(StdioLinkTest, counts_crashes_and_stops_starting_after_some) {
    serve("os._exit(1)");
    limits.process_restarts_max = 1;
    run([](StdioLinkTest& test) -> Task<> {
        for (const auto* expected :
             {"upstream_failed: the upstream server has ended",
              "upstream_failed: "
              "the server's program has ended by itself too often, and is not started for a while "
              "(processes.restarts_max)"}) {
            const auto link = make_stdio_link(test.server, test.outside, test.purpose);
            const auto opened = co_await link->open("{}");
            EXPECT_EQ(opened ? "opened" : to_string(opened.error()), expected);
            co_await link->close();
        }
    }(*this));
}

TEST_F(StdioLinkTest, does_not_count_it_as_a_crash_when_it_was_closed) {
    serve("");
    limits.process_restarts_max = 1;
    const Work nothing = [](StdioLinkTest&, Link&) -> Task<> { co_return; };
    run([](StdioLinkTest& test, Work work) -> Task<> {
        co_await test.opened(work);
        co_await test.opened(work);
    }(*this, nothing));
}

// A spare that was killed on its way to who needs it.
Task<std::optional<Spare>> killed_spare(StdioLinkTest& test) {
    SpareProcess spare(test.around, test.config, test.processes);
    async::Gate life(test.shard);
    life.spawn(spare.run());
    co_await test.until([&] { return spare.may_be_taken() && test.read_number("pid") > 0; });
    auto taken = co_await spare.take();
    co_await life.join();
    ::kill(test.read_number("pid"), SIGKILL);
    co_return taken;
}

TEST_F(StdioLinkTest, starts_its_own_process_when_it_is_given_a_spare_that_has_just_died) {
    serve(R"py(
open("starts", "a").write("x")
open("pid", "w").write(str(os.getpid()))
)py");
    limits.process_restarts_max = 1;  // It is no crash of the server's.
    run([](StdioLinkTest& test) -> Task<> {
        int given = 0;
        const TakeSpare take_spare = [&] {
            ++given;
            return killed_spare(test);
        };
        StdioServer one({test.around, test.config, test.processes, test.verdict}, take_spare);
        const auto link = make_stdio_link(one, test.outside, test.purpose);
        EXPECT_TRUE(co_await link->open("{}"));
        EXPECT_EQ(given, 1);
        EXPECT_EQ(std::filesystem::file_size(test.folder / "starts"), 2U);
        EXPECT_EQ(co_await test.call(*link, "echo", R"({"a": 1})"), R"({"a": 1})");
        EXPECT_EQ(test.processes.running(), 1U);
        co_await link->close();
        co_await one.close();
    }(*this));
    EXPECT_EQ(processes.running(), 0U);
}

TEST_F(StdioLinkTest, gives_its_place_back_when_it_is_closed) {
    serve("");
    limits.processes_max = 1;
    with_link([](StdioLinkTest& test, Link&) -> Task<> {
        const auto second = make_stdio_link(test.server, test.outside, test.purpose);
        const auto opened = co_await second->open("{}");
        EXPECT_EQ(opened.error().kind, Errc::too_many);
        co_await second->close();
    });
    with_link([](StdioLinkTest&, Link&) -> Task<> { co_return; });
}

TEST_F(StdioLinkTest, breaks_off_a_line_without_end) {
    serve(R"py(
def on(m, line):
    while True: sys.stdout.write("x" * 65536)
)py");
    limits.body_bytes_max = 1'000'000;
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, "x"),
            "upstream_failed: the upstream server sent a message over the limit "
            "(limits.upstream_body_bytes_max)"
        );
        EXPECT_FALSE(link.is_usable());
    });
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(StdioLinkTest, passes_over_what_is_no_answer) {
    serve(R"py(
def on(m, line):
    send("Listening on stdio")
    send({"jsonrpc": "2.0", "id": 99, "result": {}})
    send({"jsonrpc": "2.0", "id": "x1", "result": {}})
    send("")
    answer(m, {"right": 1})
)py");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "x"), R"({"right": 1})");
        EXPECT_EQ(test.logged.size(), 3U);
    });
}

TEST_F(StdioLinkTest, refuses_more_than_a_server_that_reads_nothing_should_be_sent) {
    serve("def on(m, line): time.sleep(100)");
    limits.body_bytes_max = 100'000;
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        const auto text = R"({"text":")" + std::string(90'000, 'y') + "\"}";
        for (int i = 0; i < 5; ++i)
            link.notify("x", text);
        EXPECT_EQ(
            co_await test.call(link, "x", text),
            "too_many: the upstream server does not read what it is sent"
        );
        EXPECT_TRUE(link.is_usable());
    });
}

TEST_F(StdioLinkTest, writes_stderr_to_the_log_in_lines_of_bounded_size) {
    serve(R"py(
def on(m, line):
    sys.stderr.write("one\ntwo " + "x" * 10000 + "\nlast")
    sys.stderr.flush()
    os.close(2)
    answer(m, {})
)py");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        co_await test.call(link, "x");
        co_await test.until([&] {
            return !test.logged.empty() && test.logged.back() == "files stderr: last";
        });
        EXPECT_EQ(
            test.logged,
            (Lines{
                "files stderr: one",
                "files stderr: two " + std::string(8188, 'x'),
                "files stderr: " + std::string(1812, 'x'),
                "files stderr: last"
            })
        );
    });
}

TEST_F(StdioLinkTest, ends_running_calls_when_it_is_closed) {
    serve("def on(m, line): send({'jsonrpc': '2.0', 'method': 'notifications/message'})");
    run([](StdioLinkTest& test) -> Task<> {
        auto link = make_stdio_link(test.server, test.outside, test.purpose);
        EXPECT_TRUE(co_await link->open("{}"));
        std::string outcome;
        test.tasks.spawn(keep(test, *link, "x", outcome));
        co_await test.until([&] { return test.caller.heard.size() == 1; });
        co_await link->close();
        link.reset();
        co_await test.until([&] { return !outcome.empty(); });
        EXPECT_EQ(outcome, "cancelled: the upstream session was closed");
    }(*this));
}

TEST_F(StdioLinkTest, does_not_open_what_is_not_there) {
    config = program("no-such-program");
    run([](StdioLinkTest& test) -> Task<> {
        const auto link = make_stdio_link(test.server, test.outside, test.purpose);
        const auto opened = co_await link->open("{}");
        EXPECT_EQ(
            opened.error().detail,
            "command: no-such-program is no executable file in any folder of PATH: write its whole "
            "path, or set PATH in its env"
        );
        EXPECT_FALSE(link->is_usable());
        co_await link->close();
    }(*this));
}

TEST_F(StdioLinkTest, does_not_wait_for_one_who_has_inherited_its_stdout) {
    serve(R"py(
def on(m, line):
    if os.fork() == 0:
        os.setsid()
        open("child", "w").write(str(os.getpid()))
        time.sleep(100)
    while not os.path.exists("child") or not open("child").read(): time.sleep(0.01)
    os._exit(0)
)py");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "x"), "upstream_failed: the upstream server has ended");
        ::kill(test.read_number("child"), SIGKILL);
    });
}

TEST_F(StdioLinkTest, keeps_many_calls_apart) {
    serve(R"py(
waiting = []
def on(m, line):
    waiting.append(m)
    if len(waiting) == 50:
        for each in reversed(waiting): answer(each, {"id": each["id"]})
)py");
    with_link([](StdioLinkTest& test, Link& link) -> Task<> {
        std::vector<std::string> outcomes(50);
        for (auto& outcome : outcomes)
            test.tasks.spawn(keep(test, link, "x", outcome));
        co_await test.until([&] { return !outcomes.front().empty(); });
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            EXPECT_EQ(outcomes[i], R"({"id": )" + std::to_string(i + 1) + "}");
        }
    });
}

}  // namespace
}  // namespace gw::upstream
