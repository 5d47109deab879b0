#include "upstream/http/sse_link.hpp"

#include "net/offload.hpp"
#include "net/resolver.hpp"
#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "unit/upstream/process/children.hpp"
#include "upstream/process/process.hpp"

#include <memory>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// An HTTP+SSE server: on(m, path) gets each message that is posted and returns the status.
constexpr std::string_view server = R"py(
import http.server, json, os, queue, threading
out = queue.Queue()
posted = []
overtaken = threading.Event()
endpoint = "messages?id=1"
kind = "text/event-stream"
def send(m): out.put(m)
def answer(m, result): send({"jsonrpc": "2.0", "id": m["id"], "result": result})
def on(m, path): answer(m, {"path": path})
#SCRIPT
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *ignored): pass
    def do_GET(self):
        self.send_response(200 if self.headers["X-Key"] == "k" else 401)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(f"event: endpoint\ndata: {endpoint}\n\n: comment\n\n".encode())
        while (m := out.get()) is not None:
            self.wfile.write(b"event: message\ndata: " + json.dumps(m).encode() + b"\n\n")
        self.close_connection = True
    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # What may overtake it is given the time to.
        if m.get("method") == "notifications/initialized": overtaken.wait(0.1)
        posted.append(m.get("method", "response"))
        if m.get("method") == "x": overtaken.set()
        status = None
        if m.get("method") == "initialize":
            answer(m, {"protocolVersion": "2024-11-05"})
        elif m.get("method") != "notifications/initialized":
            status = on(m, self.path)
        self.send_response(status or 202)
        self.send_header("Content-Length", "0")
        self.end_headers()
listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open("new", "w") as file: file.write(str(listener.server_port))
os.rename("new", "port")
listener.serve_forever()
)py";

class SseLinkTest : public Children {
public:
    using Work = Task<> (*)(SseLinkTest& test, Link& link, const Result<Slice>& opened);

    // Runs the server with `script` in it, opens a link to it, and does `work`.
    void with_link(std::string_view script, Work work) {
        std::string text(server);
        text.replace(text.find("#SCRIPT"), 7, script);
        const auto file = write_file("server.py", text);
        run(serve(program("python3", {"-SE", file}, {}, folder), work));
    }

    Task<> serve(Config child, Work work) {
        const auto command = find_command(child, processes.environment());
        auto process = Process::start(shard, *command);
        EXPECT_TRUE(process);
        tasks.spawn((*process)->watch());
        co_await until([&] { return read_number("port") > 0; });
        co_await with_server(static_cast<std::uint16_t>(read_number("port")), work);
        co_await (*process)->stop(50ms);
    }

    Task<> with_server(std::uint16_t port, Work work) {
        http::Pool pool(
            shard, connector, {.host = "127.0.0.1", .port = port, .proxy = {}, .denied = {}}, {}
        );
        config.headers = {{"X-Key", key}};
        const HttpOrigin origin{pool, "127.0.0.1:" + std::to_string(port), "/a/sse"};
        const auto link = make_sse_link(around, config, origin, outside, purpose);
        const auto opened = co_await link->open("{}");
        co_await work(*this, *link, opened);
        co_await link->close();
        co_await pool.close();
    }

    Task<std::string> call(Link& link, std::string_view method) {
        auto wanted = request(method);
        wanted.deadline = shard.now() + 5s;
        const auto answer = co_await link.call(wanted, caller);
        if (!answer) co_return to_string(answer.error());
        co_return std::string(std::get<mcp::Completed>(*answer).result.view());
    }

    net::Offload offload{net::Offload::Limits{.threads = 1}};
    net::Resolver resolver{offload};
    net::Connector connector{resolver};
    Config config;
    LinkPurpose purpose;
    std::string key = "k";
    Caller outside{shard};
    Caller caller{shard};
};

TEST_F(SseLinkTest, posts_to_the_endpoint_that_the_stream_names) {
    with_link("", [](SseLinkTest& test, Link& link, const Result<Slice>& opened) -> Task<> {
        EXPECT_EQ(opened->view(), R"({"protocolVersion": "2024-11-05"})");
        EXPECT_EQ(co_await test.call(link, "x"), R"({"path": "/a/messages?id=1"})");
        EXPECT_TRUE(link.is_usable());
    });
}

TEST_F(SseLinkTest, sends_no_request_before_initialized) {
    with_link(
        "def on(m, path): answer(m, {'posted': posted})",
        [](SseLinkTest& test, Link& link, const Result<Slice>&) -> Task<> {
            EXPECT_EQ(
                co_await test.call(link, "x"),
                R"({"posted": ["initialize", "notifications/initialized", "x"]})"
            );
        }
    );
}

TEST_F(SseLinkTest, asks_the_caller_and_posts_the_answer) {
    constexpr std::string_view script = R"py(
def on(m, path):
    if m.get("method"):
        send({"jsonrpc": "2.0", "id": "s-1", "method": "roots/list"})
        on.call = m
    else:
        answer(on.call, m)
)py";
    with_link(script, [](SseLinkTest& test, Link& link, const Result<Slice>&) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, "x"), R"({"jsonrpc": "2.0", "id": "s-1", "result": {}})"
        );
        EXPECT_EQ(test.caller.heard, Lines{"roots/list? "});
    });
}

TEST_F(SseLinkTest, does_not_follow_an_endpoint_to_another_server) {
    with_link(
        "endpoint = 'http://127.0.0.1:1/messages'",
        [](SseLinkTest&, Link& link, const Result<Slice>& opened) -> Task<> {
            EXPECT_EQ(
                to_string(opened.error()), "upstream_failed: upstream sent an invalid endpoint URL"
            );
            EXPECT_FALSE(link.is_usable());
            co_return;
        }
    );
}

TEST_F(SseLinkTest, does_not_open_what_is_no_event_stream) {
    with_link("kind = 'text/html'", [](SseLinkTest&, Link&, const Result<Slice>& opened) -> Task<> {
        EXPECT_EQ(opened.error().kind, Errc::upstream_failed);
        co_return;
    });
}

TEST_F(SseLinkTest, says_when_our_credentials_are_refused) {
    key = "wrong";
    with_link("", [](SseLinkTest&, Link&, const Result<Slice>& opened) -> Task<> {
        EXPECT_EQ(opened.error().kind, Errc::upstream_unauthorized);
        co_return;
    });
}

TEST_F(SseLinkTest, fails_the_call_whose_request_is_not_taken) {
    constexpr std::string_view script = R"py(
gone = None
def on(m, path):
    global gone
    if m["method"] == "lost": gone = 404
    return gone or {"bad": 400, "key": 401}.get(m["method"])
)py";
    with_link(script, [](SseLinkTest& test, Link& link, const Result<Slice>&) -> Task<> {
        EXPECT_EQ(co_await test.call(link, "bad"), "upstream_failed: upstream refused the request");
        EXPECT_EQ(
            co_await test.call(link, "key"),
            "upstream_unauthorized: upstream refused the gateway's credentials"
        );
        EXPECT_TRUE(link.is_usable());
        EXPECT_EQ(
            co_await test.call(link, "lost"), "unknown_session: upstream has lost the session"
        );
        EXPECT_FALSE(link.is_usable());
    });
}

TEST_F(SseLinkTest, fails_the_running_calls_when_the_stream_ends) {
    with_link(
        "def on(m, path): send(None)",
        [](SseLinkTest& test, Link& link, const Result<Slice>&) -> Task<> {
            EXPECT_EQ(
                co_await test.call(link, "x"), "upstream_failed: upstream ended the event stream"
            );
            EXPECT_FALSE(link.is_usable());
            EXPECT_EQ(
                co_await test.call(link, "x"),
                "unknown_session: the upstream server's stream has ended"
            );
        }
    );
}

TEST_F(SseLinkTest, says_that_the_session_is_lost_when_its_stream_ends) {
    static unsigned lost;
    lost = 0;
    purpose.lost = [] { ++lost; };
    with_link(
        "def on(m, path): send(None)",
        [](SseLinkTest& test, Link& link, const Result<Slice>&) -> Task<> {
            EXPECT_EQ(lost, 0U);
            link.notify("x", {});
            co_await test.until([] { return lost > 0; });
            EXPECT_FALSE(link.is_usable());
        }
    );
    with_link("", [](SseLinkTest&, Link&, const Result<Slice>&) -> Task<> { co_return; });
    EXPECT_EQ(lost, 1U);
}

}  // namespace
}  // namespace gw::upstream
