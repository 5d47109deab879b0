#include "load/upstream.hpp"

#include "load/wire.hpp"

#include <cinttypes>
#include <cstdio>

namespace bench {
namespace {

constexpr std::string_view not_allowed =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view done = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

constexpr std::string_view discovered =
    R"({"resultType":"complete","ttlMs":60000,"cacheScope":"public","supportedVersions":["2026-07-28"],)"
    R"("capabilities":{"tools":{}},)"
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"load","version":"1"}}})";

std::string message(std::string_view id, std::string_view result) {
    std::string text = R"({"jsonrpc":"2.0","id":)";
    return text.append(id).append(R"(,"result":)").append(result).append("}");
}

std::string list_of_tools(int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) {
        if (i > 0) list += ',';
        list += R"({"name":"t)" + std::to_string(i) + R"(","description":"load tool",)";
        list += R"("inputSchema":{"type":"object","properties":{"a":{"type":"string"}}}})";
    }
    return list + "]";
}

}  // namespace

Upstream::Upstream(const Options& options)
    : options_(options),
      tool_list_(list_of_tools(options.tools)),
      text_(static_cast<std::size_t>(options.result_bytes), 'x') {}

void Upstream::initialize(int fd, std::string_view id, std::string_view body) {
    const auto version = body.substr(body.find("\"20", body.find("\"protocolVersion\"")), 12);
    char session[64];
    // Spread over all bits, as real ids are.
    snprintf(
        session,
        sizeof session,
        "Mcp-Session-Id: u%016" PRIx64 "\r\n",
        ++sessions_ * 0x9E3779B97F4A7C15u
    );
    std::string result = R"({"protocolVersion":)";
    result.append(version);
    result += options_.has_stream ? R"(,"capabilities":{"tools":{"listChanged":true}})"
                                  : R"(,"capabilities":{"tools":{}})";
    result += R"(,"serverInfo":{"name":"load","version":"1"}})";
    send_all(fd, response("application/json", session, message(id, result)));
}

// The result of what is no initialize, or empty for an unknown method.
std::string Upstream::result_of(std::string_view body, bool is_modern) const {
    const std::string kind = is_modern ? R"("resultType":"complete",)" : "";
    if (has_method(body, "tools/call")) {
        return "{" + kind + R"("content":[{"type":"text","text":")" + text_ + R"("}]})";
    }
    if (has_method(body, "tools/list")) {
        const std::string cached = is_modern ? R"("ttlMs":60000,"cacheScope":"public",)" : "";
        return "{" + kind + cached + R"("tools":)" + tool_list_ + "}";
    }
    if (has_method(body, "ping")) return "{}";
    if (options_.is_modern && has_method(body, "server/discover")) return std::string(discovered);
    return {};
}

void Upstream::serve(int fd, std::string_view head, std::string_view body) {
    if (head.starts_with("GET ")) {
        if (!options_.has_stream) return send_all(fd, not_allowed);
        streams_.push_back(fd);
        return send_all(fd, stream_head);
    }
    if (!head.starts_with("POST ")) return send_all(fd, done);
    const auto id = raw_id(body);
    if (id.empty()) return send_all(fd, accepted);
    if (has_method(body, "initialize")) return initialize(fd, id, body);
    const bool is_modern = body.contains("io.modelcontextprotocol/protocolVersion");
    const bool is_call = has_method(body, "tools/call");
    if (is_call) ++calls_;
    const auto result = result_of(body, is_modern);
    if (result.empty()) {
        std::string error = R"({"jsonrpc":"2.0","id":)";
        error.append(id).append(R"(,"error":{"code":-32601,"message":"Method not found"}})");
        return send_all(fd, response("application/json", {}, error));
    }
    if (is_call && options_.answers_by_stream) {
        return send_all(
            fd,
            response(
                "text/event-stream", {}, "event: message\ndata: " + message(id, result) + "\n\n"
            )
        );
    }
    send_all(fd, response("application/json", {}, message(id, result)));
}

void Upstream::notify(std::string_view method) const {
    std::string event = R"(data: {"jsonrpc":"2.0","method":")";
    event.append(method).append("\"}\n\n");
    char size[16];
    snprintf(size, sizeof size, "%zx\r\n", event.size());
    for (const int fd : streams_)
        send_all(fd, size + event + "\r\n");
}

}  // namespace bench
