#include "transport/endpoint.hpp"

#include "base/ascii.hpp"
#include "base/json.hpp"
#include "http/text.hpp"
#include "transport/error_reply.hpp"
#include "transport/get_stream.hpp"
#include "transport/post.hpp"
#include "web/connection.hpp"

#include <ranges>
#include <utility>

namespace gw::transport {

using http::Field;
using http::Method;

namespace {

Error no_session_id(Errc kind) {
    return {kind, "Bad Request: Mcp-Session-Id header is required", {}, {}};
}

// Clients of HTTP APIs read why a request is refused in "detail". It stands in the error's data:
// SDKs that take the body for a JSON-RPC error would choke on a member beside that.
Error with_detail(const Error& error) {
    auto told = error;
    if (told.data.empty()) {
        told.data = R"({"detail":)" + json::quoted(web::shortened(error.text)) + "}";
    }
    return told;
}

// The headers that mirror arguments, of those that a page asks for: which there are depends on the
// tool.
std::string mirroring_headers(const web::Request& request) {
    constexpr std::string_view asking = "Access-Control-Request-Headers";
    constexpr std::string_view prefix = "mcp-param-";
    std::string found;
    const auto text = request.bytes.view();
    for (const auto& header : request.head.headers()) {
        if (!equal_ignoring_case(header.name.of(text), asking)) continue;
        for (const auto part : std::views::split(header.value.of(text), ',')) {
            const auto name = http::trim(std::string_view(part.begin(), part.end()));
            const bool is_one = name.size() > prefix.size() &&
                                equal_ignoring_case(name.substr(0, prefix.size()), prefix);
            if (is_one) found.append(", ").append(name);
        }
    }
    return found;
}

}  // namespace

namespace {

Task<> refuse_late(web::Connection& connection, web::Request& request, Error error) {
    co_await connection.refuse(request, error);
}

}  // namespace

Task<> Endpoint::serve(web::Connection& connection, web::Request& request) {
    auto& incoming = request.attachment.as<Incoming>();
    if (incoming.policy != policy_number_) {
        if (auto again = check_again(connection, incoming); !again) {
            return refuse_late(connection, request, std::move(again).error());
        }
    }
    switch (request.head.method()) {
        case Method::get: return answer_get(connection, incoming);
        case Method::delete_: return answer_delete(connection, incoming);
        default: return answer_post(connection, incoming);
    }
}

int Endpoint::refuse(
    Buffer& out, web::ReplyHead reply, const web::Request& request, const Error& error
) const {
    const auto revision = is_stateless(request) ? mcp::newest : mcp::newest_with_sessions;
    if (options().sessions == SessionMode::off) reply.allow = "POST, OPTIONS";
    const auto told = with_detail(error);
    if (!request.fault) return append_failure(out, reply, told, {}, revision);
    return append_fault(out, reply, *request.fault, told, revision);
}

std::string Endpoint::allowed_headers(const web::Request& request) const {
    return "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, "
           "MCP-Protocol-Version, Mcp-Method, Mcp-Name" +
           mirroring_headers(request);
}

Task<> Endpoint::answer_delete(web::Connection& connection, Incoming& incoming) {
    auto& request = incoming.request;
    const auto id = incoming.value(Field::mcp_session_id);
    if (id.empty()) {
        co_return co_await connection.refuse(request, no_session_id(Errc::session_required));
    }
    auto session = parts_.sessions.find(id, request.who->owner, incoming.server);
    if (!session) co_return co_await connection.refuse(request, session.error());
    parts_.sessions.end(**session);
    auto head = connection.reply_to(request);
    head.content_type = {};
    request.status = head.status;
    Buffer out;
    append_head(out, head, 0);
    co_await connection.write(out);
}

Task<> Endpoint::answer_get(web::Connection& connection, Incoming& incoming) {
    auto& request = incoming.request;
    const auto id = incoming.value(Field::mcp_session_id);
    if (id.empty()) {
        const bool is_required = options().sessions == SessionMode::required;
        const auto kind = is_required ? Errc::session_required : Errc::method_not_allowed;
        co_return co_await connection.refuse(request, no_session_id(kind));
    }
    auto session = parts_.sessions.find(id, request.who->owner, incoming.server);
    if (!session) co_return co_await connection.refuse(request, session.error());
    if (!request.head.is_http11) {
        const Error error{Errc::method_not_allowed, "a stream of events needs HTTP/1.1", {}, {}};
        co_return co_await connection.refuse(request, error);
    }
    session::EventId from{0, (*session)->get_stream().delivered};
    const bool is_resumed = incoming.has(Field::last_event_id);
    if (is_resumed) {
        const auto last = session::parse_event_id(incoming.value(Field::last_event_id));
        auto* const stream = last ? (*session)->find_stream(last->stream) : nullptr;
        if (stream == nullptr || last->sequence > stream->last()) {
            const Error error{
                Errc::invalid_request, "Last-Event-ID names no event of this session", {}, {}
            };
            co_return co_await connection.refuse(request, error);
        }
        from = *last;
    }
    auto head = connection.reply_to(request);
    head.content_type = "text/event-stream";
    head.keeps_alive = false;
    request.status = 200;
    auto& stream = *(*session)->find_stream(from.stream);
    auto follower = std::make_unique<GetStream>(
        *this, connection, request.who, **session, stream, from.sequence
    );
    follower->is_resumed = is_resumed;
    append_stream_head(follower->head, head);
    connection.follow_with(std::move(follower));
}

}  // namespace gw::transport
