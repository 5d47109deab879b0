#include "transport/reply.hpp"

#include "base/unicode.hpp"
#include "http/text.hpp"
#include "jsonrpc/message.hpp"

#include <ranges>
#include <string>

namespace gw::transport {

using http::Field;

namespace {

void append_start(Buffer& out, const ReplyHead& head) {
    const bool is_usual = head.status == 200 && head.content_type == ReplyStart::json_type;
    if (is_usual) {
        out.append(head.start.ok_with_json());
    } else if (head.status == 200) {
        out.append(head.start.ok());
    } else {
        out.append("HTTP/1.1 ");
        http::append_number(out, static_cast<std::uint64_t>(head.status));
        out.append(" ").append(http::reason(head.status)).append("\r\n");
        out.append(head.start.date());
    }
    if (!is_usual && !head.content_type.empty()) {
        out.append("Content-Type: ").append(head.content_type).append("\r\n");
    }
    if (!head.session_id.empty()) {
        out.append("Mcp-Session-Id: ").append(head.session_id).append("\r\n");
    }
    out.append(head.more);
    if (!head.origin.empty()) {
        out.append("Access-Control-Allow-Origin: ").append(head.origin);
        out.append("\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate\r\n");
        out.append("Vary: Origin\r\n");
    }
    if (!head.keeps_alive) out.append("Connection: close\r\n");
}

// What a client is told quotes what it sent, such as the name of a method: not all of it.
std::string shortened(std::string_view text) {
    constexpr std::size_t size_max = 1024;
    if (text.size() <= size_max) return std::string(text);
    return std::string(utf8_prefix(text, size_max)) + "...";
}

// Header lines that belong to a kind of failure.
std::string_view headers_of(Errc kind) {
    switch (kind) {
        case Errc::unauthenticated: return "WWW-Authenticate: Bearer realm=\"mcp\"\r\n";
        case Errc::method_not_allowed: return "Allow: GET, POST, DELETE, OPTIONS\r\n";
        case Errc::unavailable:
        case Errc::too_many: return "Retry-After: 1\r\n";
        default: return {};
    }
}

}  // namespace

void append_head(Buffer& out, const ReplyHead& head, std::size_t content_length) {
    append_start(out, head);
    // An answer without content has no length either (RFC 9110, 8.6).
    if (head.status == 204) {
        out.append("\r\n");
        return;
    }
    out.append("Content-Length: ");
    http::append_number(out, content_length);
    out.append("\r\n\r\n");
}

// RFC 9110, 9.3.2: the answer to HEAD has no content, whatever its status.
void append_reply(Buffer& out, const ReplyHead& head, std::string_view content) {
    append_head(out, head, content.size());
    if (head.has_content) out.append(content);
}

void append_stream_head(Buffer& out, const ReplyHead& head) {
    append_start(out, head);
    out.append(
        "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    );
}

int append_failure(
    Buffer& out, ReplyHead head, const Error& error, std::string_view id, mcp::Revision revision
) {
    const auto text = shortened(error.text);
    const auto wire = head.fault ? on_wire(*head.fault) : on_wire(error.kind, revision);
    Buffer body;
    if (id.empty() && !features(revision).sessions) {
        jsonrpc::append_error_without_id(body, wire.code, text, public_data(error));
    } else {
        jsonrpc::append_error(body, id, wire.code, text, public_data(error));
    }
    head.status = wire.status;
    head.more = headers_of(error.kind);
    append_reply(out, head, body.view());
    return head.status;
}

std::string_view readable_by(const Endpoint& endpoint, const Incoming& incoming) {
    // steps::origin let it pass, so it is allowed.
    const bool is_known = endpoint.options().has_cors && incoming.head_size > 0;
    return is_known ? incoming.value(Field::origin) : std::string_view();
}

namespace {

// What the browser asks for that mirrors arguments: which there are depends on the tool.
std::string mirroring_headers(const Incoming& incoming) {
    constexpr std::string_view asking = "Access-Control-Request-Headers";
    constexpr std::string_view prefix = "mcp-param-";
    const auto text = incoming.bytes.view();
    std::string found;
    for (const auto& header : incoming.head.headers()) {
        if (!http::equal_ignoring_case(header.name.of(text), asking)) continue;
        for (const auto part : std::views::split(header.value.of(text), ',')) {
            const auto name = http::trim(std::string_view(part.begin(), part.end()));
            const bool is_one = name.size() > prefix.size() &&
                                http::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
            if (is_one) found.append(", ").append(name);
        }
    }
    return found;
}

}  // namespace

void append_preflight(Buffer& out, Endpoint& endpoint, const Incoming& incoming) {
    ReplyHead head(endpoint.reply_start());
    head.status = 204;
    head.content_type = {};
    head.origin = readable_by(endpoint, incoming);
    const auto lines =
        "Allow: GET, POST, DELETE, OPTIONS\r\n"
        "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
        "Access-Control-Allow-Headers: Authorization, Content-Type, Accept, Last-Event-ID, "
        "Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name" +
        mirroring_headers(incoming) + "\r\nAccess-Control-Max-Age: 600\r\n";
    head.more = lines;
    append_head(out, head, 0);
}

std::string_view public_data(const Error& error) {
    const std::string_view data = error.data;
    return data.size() <= jsonrpc::echo_bytes_max ? data : std::string_view();
}

std::string public_text(const Error& error, std::string_view correlation) {
    auto text = shortened(error.text);
    if (error.detail.empty() && error.kind != Errc::internal) return text;
    return text + " (" + std::string(correlation) + ")";
}

}  // namespace gw::transport
