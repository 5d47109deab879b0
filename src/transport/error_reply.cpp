#include "transport/error_reply.hpp"

#include "jsonrpc/message.hpp"
#include "transport/failure.hpp"

#include <string>

namespace gw::transport {

namespace {

int append_error(
    Buffer& out,
    web::ReplyHead head,
    Wire wire,
    const Error& error,
    std::string_view id,
    mcp::Revision revision
) {
    const auto text = web::shortened(error.text);
    Buffer body;
    if (id.empty() && !features(revision).sessions) {
        jsonrpc::append_error_without_id(body, wire.code, text, public_data(error));
    } else {
        jsonrpc::append_error(body, id, wire.code, text, public_data(error));
    }
    const auto more = web::headers_of(error.kind, head.allow);
    head.status = wire.status;
    head.more = more;
    append_reply(out, head, body.view());
    return head.status;
}

}  // namespace

int append_failure(
    Buffer& out,
    web::ReplyHead head,
    const Error& error,
    std::string_view id,
    mcp::Revision revision
) {
    return append_error(out, head, on_wire(error.kind, revision), error, id, revision);
}

int append_fault(
    Buffer& out,
    web::ReplyHead head,
    web::HttpFault fault,
    const Error& error,
    mcp::Revision revision
) {
    return append_error(out, head, on_wire(fault, revision), error, {}, revision);
}

std::string_view public_data(const Error& error) {
    const std::string_view data = error.data;
    return data.size() <= jsonrpc::echo_bytes_max ? data : std::string_view();
}

std::string public_text(const Error& error, std::string_view correlation) {
    auto text = web::shortened(error.text);
    if (error.detail.empty() && error.kind != Errc::internal) return text;
    return text + " (" + std::string(correlation) + ")";
}

}  // namespace gw::transport
