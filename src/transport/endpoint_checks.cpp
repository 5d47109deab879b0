#include "http/media_type.hpp"
#include "mcp/revision.hpp"
#include "transport/endpoint.hpp"
#include "transport/error_reply.hpp"
#include "web/checks.hpp"
#include "web/connection.hpp"

// What the head of a request decides, beyond HTTP itself, before its body is read.
namespace gw::transport {

using http::Field;
using http::Method;

namespace {

// What SDKs send. It needs no second header to be looked at, since it takes both kinds.
constexpr std::string_view usual_accept = "application/json, text/event-stream";

Result<void> check_content_type(const Incoming& incoming) {
    if (incoming.request.head.method() != Method::post) return {};
    if (incoming.has(Field::content_encoding)) {
        return fail(Errc::unsupported_media_type, "Content-Encoding is not supported");
    }
    if (http::is_media_type(incoming.value(Field::content_type), "application/json")) return {};
    return fail(
        Errc::unsupported_media_type,
        "Unsupported Media Type: Content-Type must be application/json"
    );
}

// A POST has to take both kinds of answers, as the specification wants it of clients; we are as
// lenient as the reference: one that takes JSON only always gets JSON.
Result<void> check_accept(Incoming& incoming) {
    const auto& request = incoming.request;
    const auto method = request.head.method();
    if (method != Method::post && method != Method::get) return {};
    const auto text = request.bytes.view();
    if (incoming.value(Field::accept) == usual_accept) {
        incoming.takes_events = incoming.takes_json = true;
        return {};
    }
    const bool has_accept = incoming.has(Field::accept);
    incoming.takes_events = has_accept && http::accepts(request.head, text, "text/event-stream");
    incoming.takes_json = !has_accept || http::accepts(request.head, text, "application/json");
    if (method == Method::get && !incoming.takes_events) {
        return fail(Errc::not_acceptable, "Not Acceptable: Client must accept text/event-stream");
    }
    if (method == Method::post && !incoming.takes_json) {
        return fail(
            Errc::not_acceptable,
            "Not Acceptable: Client must accept both application/json and text/event-stream"
        );
    }
    return {};
}

// Any revision of ours is taken, also one that differs from the session's: clients are known to
// send an older one (MCP 2025-11-25, basic/transports, Protocol Version Header). For a POST that is
// decided when the body says which era it is of.
Result<void> check_protocol_version(const Incoming& incoming) {
    if (!incoming.has(Field::mcp_protocol_version)) return {};
    if (incoming.request.head.method() == Method::post) return {};
    if (incoming.revision) return {};
    return unsupported_version();
}

}  // namespace

std::unexpected<Error> unsupported_version() {
    return fail(
        Errc::unsupported_version,
        "Bad Request: Unsupported protocol version (supported versions: 2026-07-28, 2025-11-25, "
        "2025-06-18, 2025-03-26, 2024-11-05)"
    );
}

void Endpoint::locate(web::Request& request) {
    auto& incoming = request.attachment.emplace<Incoming>(*this, request);
    incoming.revision = revision_of(request);
    incoming.is_stateless = incoming.revision && !features(*incoming.revision).sessions;
    const auto server = policy_.topology->find(request.parameters.front());
    incoming.has_server = server.has_value();
    incoming.server = server.value_or(0);
    incoming.policy = policy_number_;
}

Result<void> Endpoint::check_again(web::Connection& connection, const Incoming& incoming) const {
    GW_DO(web::check_again(connection.server(), incoming.request));
    if (incoming.policy == policy_number_) return {};
    if (policy_.topology->find(incoming.request.parameters.front()) == incoming.server) return {};
    return fail(Errc::unknown_path, "Not found");
}

// Whoever is bound to a virtual server finds nothing anywhere else.
bool Endpoint::may_see(const auth::Principal& who, const Incoming& incoming) {
    if (!incoming.has_server) return false;
    return who.server.empty() || who.server == incoming.request.parameters.front();
}

Result<std::optional<unsigned>> Endpoint::check(web::Request& request) {
    // Whatever the table of routes says: MCP is for somebody.
    if (!request.who) return fail(Errc::unauthenticated, "Authentication required");
    auto& incoming = request.attachment.as<Incoming>();
    if (options().sessions == SessionMode::off && request.head.method() != Method::post) {
        return fail(Errc::method_not_allowed, "Method not allowed");
    }
    if (!may_see(*request.who, incoming)) return fail(Errc::unknown_path, "Not found");
    GW_DO(check_content_type(incoming));
    GW_DO(check_accept(incoming));
    GW_DO(check_protocol_version(incoming));
    return other_shard(incoming);
}

// The shard that has the session which the request names, if it is another one. Where there are no
// sessions the header means nothing.
std::optional<unsigned> Endpoint::other_shard(const Incoming& incoming) const {
    if (parts_.shard_count == 1 || incoming.is_stateless) return {};
    const auto shard = session::Registry::shard_of(incoming.value(Field::mcp_session_id));
    if (!shard || *shard == parts_.shard.index() || *shard >= parts_.shard_count) return {};
    return shard;
}

}  // namespace gw::transport
