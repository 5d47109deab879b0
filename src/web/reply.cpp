#include "web/reply.hpp"

#include "http/text.hpp"

#include <cstdint>

namespace gw::web {

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
    out.append(head.more);
    if (!head.origin.empty()) {
        out.append("Access-Control-Allow-Origin: ").append(head.origin);
        out.append("\r\nAccess-Control-Expose-Headers: ").append(head.exposed);
        out.append("\r\nVary: Origin\r\n");
    }
    if (!head.keeps_alive) out.append("Connection: close\r\n");
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

}  // namespace gw::web
