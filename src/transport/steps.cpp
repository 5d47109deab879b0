#include "http/media_type.hpp"
#include "http/target.hpp"
#include "mcp/revision.hpp"
#include "transport/pipeline.hpp"

#include <algorithm>
#include <string>

namespace gw::transport {

using http::Field;
using http::Method;

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

// What SDKs send. It needs no second header to be looked at, since it takes both kinds.
constexpr std::string_view usual_accept = "application/json, text/event-stream";

std::string_view without_slash(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

}  // namespace

std::unexpected<Error> unsupported_version() {
    return fail(
        Errc::unsupported_version,
        "Bad Request: Unsupported protocol version (supported versions: 2026-07-28, 2025-11-25, "
        "2025-06-18, 2025-03-26)"
    );
}

bool is_allowed_origin(const Options& options, std::string_view origin, std::string_view host) {
    if (contains(options.allowed_origins, origin) || contains(options.allowed_origins, "*")) {
        return true;
    }
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const auto authority = origin.substr(scheme_end + 3);
    const auto name = http::host_of(authority);
    if (name.empty()) return false;
    // Our own origin; and any page of this machine, when we serve this machine only.
    return authority == host || (options.is_loopback && http::is_loopback_host(name));
}

namespace {

bool is_allowed_host(const Options& options, std::string_view authority) {
    if (contains(options.allowed_hosts, authority)) return true;
    const auto name = http::host_of(authority);
    if (name.empty()) return false;
    if (name == options.listen_host || contains(options.allowed_hosts, name)) return true;
    return http::is_loopback_host(name) || (!options.is_loopback && options.allowed_hosts.empty());
}

}  // namespace

namespace steps {

// In whose words a refusal is told before the body has said more.
Result<void> era(Endpoint& /*endpoint*/, Incoming& incoming) {
    if (!incoming.head.has(Field::mcp_protocol_version)) return {};
    const auto version = mcp::parse_revision(incoming.value(Field::mcp_protocol_version));
    incoming.is_stateless = version && !features(*version).sessions;
    return {};
}

Result<void> capacity(Endpoint& endpoint, Incoming& incoming) {
    incoming.running = endpoint.parts().in_flight.hold(1);
    if (incoming.running) return {};
    return fail(Errc::unavailable, "too many requests at the same time (limits.in_flight_max)");
}

// "/mcp", "/servers/ID/mcp", "/health", "/ready", each with or without a slash at the end. What
// begins like one of them and is not is refused, and never another one.
Result<void> path(Endpoint& /*endpoint*/, Incoming& incoming) {
    const auto unknown = [] { return fail(Errc::unknown_path, "Not found"); };
    const auto text = incoming.bytes.view();
    const auto target = http::parse_target(incoming.head.target.of(text));
    if (!target) return unknown();
    if (!target->authority.empty() && target->authority != incoming.value(Field::host)) {
        return fail(Errc::malformed, "the request target and Host name different servers");
    }
    const auto path = without_slash(target->path);
    std::string_view id;
    if (path == "/health" || path == "/ready") {
        incoming.place = path == "/health" ? Place::health : Place::ready;
        return {};
    }
    if (path != "/mcp") {
        constexpr std::string_view before = "/servers/";
        constexpr std::string_view after = "/mcp";
        if (!path.starts_with(before) || !path.ends_with(after)) return unknown();
        if (path.size() <= before.size() + after.size()) return unknown();
        id = path.substr(before.size(), path.size() - before.size() - after.size());
        if (id.find_first_of("/%") != std::string_view::npos) return unknown();
    }
    incoming.place = Place::mcp;
    incoming.server_id = id;
    return {};
}

Result<void> server(Endpoint& endpoint, Incoming& incoming) {
    if (incoming.place != Place::mcp || incoming.head.method() == Method::options) return {};
    const auto found = endpoint.policy().topology->find(incoming.server_id);
    if (!found) return fail(Errc::unknown_path, "Not found");
    incoming.server = *found;
    return {};
}

// Protects a gateway on this machine from pages that resolve their own name to it (MCP 2025-11-25,
// basic/transports, Security Warning).
Result<void> host(Endpoint& endpoint, Incoming& incoming) {
    const auto& options = endpoint.options();
    const auto authority = incoming.value(Field::host);
    if (!authority.empty() && authority == endpoint.host_taken_last) return {};
    if (!is_allowed_host(options, authority)) {
        return fail(Errc::foreign_origin, "Forbidden: this host is not served here");
    }
    endpoint.host_taken_last = authority;
    return {};
}

Result<void> origin(Endpoint& endpoint, Incoming& incoming) {
    if (!incoming.head.has(Field::origin)) return {};
    const auto origin = incoming.value(Field::origin);
    if (is_allowed_origin(endpoint.options(), origin, incoming.value(Field::host))) return {};
    return fail(Errc::foreign_origin, "Forbidden: this origin is not allowed");
}

Result<void> method(Endpoint& endpoint, Incoming& incoming) {
    const auto method = incoming.head.method();
    const bool is_mcp = incoming.place == Place::mcp;
    const bool has_sessions = endpoint.options().sessions != SessionMode::off;
    if (method == Method::get && (!is_mcp || has_sessions)) return {};
    if (method == Method::head && !is_mcp) return {};
    if (is_mcp && (method == Method::post || method == Method::options)) return {};
    if (is_mcp && has_sessions && method == Method::delete_) return {};
    return fail(Errc::method_not_allowed, "Method not allowed");
}

Result<void> draining(Endpoint& endpoint, Incoming& incoming) {
    if (incoming.place != Place::mcp || !endpoint.is_draining()) return {};
    return fail(Errc::unavailable, "the gateway is shutting down");
}

Result<void> authenticate(Endpoint& endpoint, Incoming& incoming) {
    if (incoming.place != Place::mcp || incoming.head.method() == Method::options) return {};
    const auto& authenticator = *endpoint.policy().authenticator;
    auto who = authenticator.authenticate(incoming.value(Field::authorization));
    if (!who) return std::unexpected(std::move(who).error());
    incoming.who = **who;
    return {};
}

Result<void> body_size(Endpoint& endpoint, Incoming& incoming) {
    if (incoming.head.body == http::BodyKind::sized &&
        incoming.head.content_length > endpoint.options().body_bytes_max) {
        return fail(Errc::payload_too_large, "the body is over the limit (limits.body_bytes_max)");
    }
    return {};
}

Result<void> content_type(Endpoint& endpoint, Incoming& incoming) {
    (void)endpoint;
    if (incoming.place != Place::mcp || incoming.head.method() != Method::post) return {};
    if (incoming.head.has(Field::content_encoding)) {
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
Result<void> accept(Endpoint& endpoint, Incoming& incoming) {
    (void)endpoint;
    const auto method = incoming.head.method();
    if (incoming.place != Place::mcp || (method != Method::post && method != Method::get))
        return {};
    const auto text = incoming.bytes.view();
    if (incoming.value(Field::accept) == usual_accept) {
        incoming.takes_events = incoming.takes_json = true;
        return {};
    }
    const bool has_accept = incoming.head.has(Field::accept);
    incoming.takes_events = has_accept && http::accepts(incoming.head, text, "text/event-stream");
    incoming.takes_json = !has_accept || http::accepts(incoming.head, text, "application/json");
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
Result<void> protocol_version(Endpoint& endpoint, Incoming& incoming) {
    (void)endpoint;
    if (incoming.place != Place::mcp || !incoming.head.has(Field::mcp_protocol_version)) return {};
    if (incoming.head.method() == Method::post) return {};
    if (mcp::parse_revision(incoming.value(Field::mcp_protocol_version))) return {};
    return unsupported_version();
}

}  // namespace steps

}  // namespace gw::transport
