#pragma once

#include "base/json.hpp"
#include "net/offload.hpp"
#include "net/resolver.hpp"
#include "unit/upstream/duplex/duplex_fixture.hpp"
#include "unit/upstream/process/children.hpp"
#include "upstream/http/stateless_link.hpp"
#include "upstream/process/process.hpp"

#include <memory>
#include <optional>

namespace gw::upstream {

// An HTTP server of any era: on(h, m) gets the handler and each request, and answers it by
// reply(), refuse() or stream(); get(h) serves the GET stream; at(h, step) hears of each request
// first. `seen` has what came, `ended` the sessions that were ended.
inline constexpr std::string_view scripted_server = R"py(
import http.server, json, os, threading, time
V = "io.modelcontextprotocol/"
seen = []
ended = []
discovered = {"resultType": "complete", "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}, "logging": {}, "resources": {"subscribe": True}},
    "ttlMs": 0, "cacheScope": "private", "instructions": "be kind",
    "_meta": {V + "serverInfo": {"name": "s", "version": "1"}}}
def send(h, status, body, kind="application/json", session=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    h.send_response(status)
    if session: h.send_header("Mcp-Session-Id", session)
    h.send_header("Content-Type", kind)
    h.send_header("Content-Length", str(len(body)))
    h.end_headers()
    h.wfile.write(body)
def reply(h, m, result): send(h, 200, {"jsonrpc": "2.0", "id": m["id"], "result": result})
def refuse(h, m, code, status=400, data=None):
    send(h, status, {"jsonrpc": "2.0", "id": m["id"], "error": {"code": code, "message": "no", "data": data}})
def stream(h, messages):
    h.send_response(200)
    h.send_header("Content-Type", "text/event-stream")
    h.send_header("Connection", "close")
    h.end_headers()
    for m in messages:
        h.wfile.write(b"data: " + json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n\n")
        h.wfile.flush()
    h.close_connection = True
def discover(h, m): reply(h, m, discovered)
def initialize(h, m, id):
    result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "logging": {}}, "serverInfo": {"name": "s", "version": "1"}}
    send(h, 200, {"jsonrpc": "2.0", "id": m["id"], "result": result}, session=id)
def get(h): send(h, 405, b"")
def at(h, step): pass
def on(h, m): reply(h, m, {"resultType": "complete"})
#SCRIPT
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *ignored): pass
    def do_GET(self):
        at(self, "resume" if self.headers["Last-Event-ID"] else "get")
        get(self)
    def do_DELETE(self):
        ended.append(self.headers["Mcp-Session-Id"])
        send(self, 200, b"")
    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {k.lower(): v for k, v in self.headers.items() if k.lower().startswith("mcp-")}
        seen.append({**m, "headers": headers})
        at(self, m.get("method", "response"))
        if "id" not in m or "method" not in m: return send(self, 202, b"")
        if m["method"] == "server/discover": return discover(self, m)
        on(self, m)
listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open("new", "w") as file: file.write(str(listener.server_port))
os.rename("new", "port")
listener.serve_forever()
)py";

// Runs the server with a script in it, and work with links to it.
class ScriptedServer : public Children {
public:
    using Work = Task<> (*)(ScriptedServer& test);

    void with_server(std::string_view script, Work work) {
        std::string text(scripted_server);
        text.replace(text.find("#SCRIPT"), 7, script);
        const auto file = write_file("server.py", text);
        run(serve(program("python3", {"-SE", file}, {}, folder), work));
    }

    HttpOrigin origin() { return {*pool, "127.0.0.1", "/mcp"}; }

    // Calls a Link or a Peer.
    template <typename To>
    Task<std::string> call(To& to, mcp::Request wanted) {
        if (wanted.deadline == TimePoint::max()) wanted.deadline = shard.now() + patience;
        const auto answer = co_await to.call(wanted, caller);
        if (!answer) co_return to_string(answer.error());
        if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
            co_return "refused " + std::string(refused->error.view());
        }
        if (const auto* required = std::get_if<mcp::InputRequired>(&*answer)) {
            co_return "required " + std::string(required->result.view());
        }
        co_return std::string(std::get<mcp::Completed>(*answer).result.view());
    }

    static constexpr std::chrono::seconds patience{5};
    net::Offload offload{net::Offload::Limits{.threads = 1}};
    net::Resolver resolver{offload};
    net::Connector connector{resolver};
    std::unique_ptr<http::Pool> pool;
    Config config;
    EraVerdict verdict;
    LinkPurpose purpose;
    Caller outside{shard};
    Caller caller{shard};

private:
    Task<> serve(Config child, Work work) {
        std::filesystem::remove(folder / "port");  // Of the server before.
        const auto command = find_command(child, processes.environment());
        auto process = Process::start(shard, *command);
        EXPECT_TRUE(process);
        tasks.spawn((*process)->watch());
        co_await until([&] { return read_number("port") > 0; });
        pool = std::make_unique<http::Pool>(
            shard,
            connector,
            net::Destination{
                .host = "127.0.0.1",
                .port = static_cast<std::uint16_t>(read_number("port")),
                .proxy = {},
                .denied = {}
            },
            http::Pool::Limits{}
        );
        co_await work(*this);
        co_await pool->close();
        co_await (*process)->stop(std::chrono::milliseconds(50));
    }
};

}  // namespace gw::upstream
