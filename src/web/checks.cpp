#include "web/checks.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"
#include "web/handler.hpp"
#include "web/http_server.hpp"
#include "web/large_bodies.hpp"
#include "web/origin.hpp"
#include "web/request.hpp"

#include <array>
#include <utility>

namespace gw::web {

using http::Field;
using http::Method;

namespace {

using Check = Result<void> (*)(HttpServer&, Request&);

// What a request goes through before it is known who sent it, in this order.
constexpr std::array head_checks{
    &checks::forwarding,    // Before all others, which log whom they refuse.
    &checks::path,          // What is not here needs no further question.
    &checks::capacity,      // An overloaded gateway looks at nothing else.
    &checks::host,          // Before anything that tells the sender something.
    &checks::origin,        // A foreign page learns nothing, not even whether a token is needed.
    &checks::method,        // So that OPTIONS, which carries no token, is answered.
    &checks::draining,      // Health is still answered.
    &checks::locate,        // It tells nothing: how to authenticate may depend on it.
    &checks::authenticate,  // Nobody unknown makes us read a body.
};

auth::Credentials credentials_of(const Request& request) {
    return {.authorization = request.value(Field::authorization), .client = request.client()};
}

// Only who was looked at and is not let in may be told so: the client would throw a good token
// away.
std::unexpected<Error> not_authenticated(Error error) {
    if (error.kind == Errc::unauthenticated) return std::unexpected(std::move(error));
    return fail(
        Errc::unavailable, "who is asking could not be checked; try again", to_string(error)
    );
}

}  // namespace

Result<std::optional<unsigned>> check_head(HttpServer& server, Request& request) {
    for (const auto check : head_checks) {
        if (auto passed = check(server, request); !passed) {
            return std::unexpected(std::move(passed).error());
        }
    }
    if (request.awaits_principal) return std::optional<unsigned>();
    return check_known(server, request);
}

Result<std::optional<unsigned>> check_known(HttpServer& server, Request& request) {
    GW_DO(checks::body_size(server, request));  // By its announcement, not after it was read.
    if (request.route == nullptr) return std::optional<unsigned>();
    return request.handler->check(request);
}

// A reload may replace the authenticator meanwhile, and with it who is let in.
Task<Result<void>> await_principal(HttpServer& server, Request& request) {
    const auto authenticator = server.policy().authenticator;
    const auto& clock = server.shard().clock();
    auto who = co_await authenticator->authenticate(credentials_of(request), clock);
    if (!who) co_return not_authenticated(std::move(who).error());
    const bool is_known = *who && server.is_still_valid(**who);
    if (!is_known) co_return auth::not_let_in(credentials_of(request));
    request.who = *std::move(who);
    request.awaits_principal = false;
    co_return Result<void>();
}

Result<void> check_again(HttpServer& server, const Request& request) {
    if (!request.who || server.is_still_valid(*request.who)) return {};
    return auth::not_let_in(credentials_of(request));
}

Result<void> check_size(HttpServer& server, const Request& request, std::size_t body_size) {
    if (body_size > server.options().body_bytes_max) {
        return fail(Errc::payload_too_large, "the body is over the limit (limits.body_bytes_max)");
    }
    // To wait for room would be in vain.
    if (body_size > small_request &&
        request.head_size + body_size > largest_request(server.parts().budget)) {
        return fail(
            Errc::payload_too_large,
            "the body is over three quarters of streams.buffered_bytes_max, which all bodies share"
        );
    }
    return {};
}

namespace checks {

Result<void> forwarding(HttpServer& server, Request& request) {
    if (request.proxy == nullptr) return {};
    GW_TRY(
        auto forwarding,
        read_forwarding(
            request.head, request.bytes.view(), server.options().trusted_proxies, *request.proxy
        )
    );
    request.forwarding = std::make_unique<Forwarding>(std::move(forwarding));
    return {};
}

Result<void> capacity(HttpServer& server, Request& request) {
    request.running = server.parts().in_flight.hold(1);
    if (request.running || request.handler->is_always_served()) return {};
    return fail(Errc::unavailable, "too many requests at the same time (limits.in_flight_max)");
}

// What only begins like a path of ours is refused, and never taken for another one.
Result<void> path(HttpServer& server, Request& request) {
    const auto unknown = [] { return fail(Errc::unknown_path, "Not found"); };
    const auto target = http::parse_target(request.head.target.of(request.bytes.view()));
    if (!target) return unknown();
    // RFC 9110, 4.2.3: "scheme and host are case-insensitive".
    if (!target->authority.empty() &&
        !equal_ignoring_case(target->authority, request.value(Field::host))) {
        return fail(Errc::malformed, "the request target and Host name different servers");
    }
    request.resource = server.router().find(target->path, request.parameters);
    if (request.resource == nullptr) return unknown();
    request.handler = request.resource->routes.front().handler;
    return {};
}

Result<void> host(HttpServer& server, Request& request) {
    const auto authority = request.value(Field::host);
    if (!authority.empty() && authority == server.host_taken_last) return {};
    // Probes of load balancers name none; a browser, which may be led astray, always does.
    const bool is_probe = !request.head.is_http11 && request.handler->is_always_served();
    if (is_probe && !request.head.has(Field::host)) return {};
    if (!is_allowed_host(server.options(), authority)) {
        return fail(Errc::foreign_origin, "Forbidden: this host is not served here");
    }
    server.host_taken_last = authority;
    return {};
}

Result<void> origin(HttpServer& server, Request& request) {
    if (!request.head.has(Field::origin)) return {};
    const auto origin = request.value(Field::origin);
    if (is_allowed_origin(server.options(), origin, request.value(Field::host))) return {};
    // A proxy may have put another Host in the place of ours.
    if (request.forwarding) {
        const auto own = public_url_of(server.options(), request);
        if (own && own->origin == origin) return {};
    }
    return fail(Errc::foreign_origin, "Forbidden: this origin is not allowed");
}

Result<void> method(HttpServer& /*server*/, Request& request) {
    const auto method = request.head.method();
    if (method == Method::options) return {};
    request.route = request.resource->find(method);
    if (request.route == nullptr) return fail(Errc::method_not_allowed, "Method not allowed");
    request.handler = request.route->handler;
    return {};
}

Result<void> draining(HttpServer& server, Request& request) {
    if (!server.is_draining() || request.handler->is_always_served()) return {};
    return fail(Errc::unavailable, "the gateway is shutting down");
}

Result<void> locate(HttpServer& /*server*/, Request& request) {
    if (request.route != nullptr) request.handler->locate(request);
    return {};
}

Result<void> authenticate(HttpServer& server, Request& request) {
    if (request.route == nullptr || request.route->access == Access::open) return {};
    const auto& authenticator = *server.policy().authenticator;
    const auto credentials = credentials_of(request);
    auto found = authenticator.find(credentials, server.shard().clock());
    if (!found) return not_authenticated(std::move(found).error());
    request.awaits_principal = found->state == auth::Lookup::State::pending;
    if (request.awaits_principal) return {};
    if (!found->who) return auth::not_let_in(credentials);  // Nobody knows them.
    request.who = std::move(found->who);
    return {};
}

Result<void> body_size(HttpServer& server, Request& request) {
    const auto& head = request.head;
    const bool has_body = head.body == http::BodyKind::chunked ||
                          (head.body == http::BodyKind::sized && head.content_length > 0);
    // Nobody unknown makes us read one.
    const bool is_open = request.route == nullptr || request.route->access == Access::open;
    if (is_open && has_body) return fail(Errc::payload_too_large, "a body has no meaning here");
    if (head.body != http::BodyKind::sized) return {};
    return check_size(server, request, request.head.content_length);
}

}  // namespace checks

}  // namespace gw::web
