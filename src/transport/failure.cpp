#include "transport/failure.hpp"

#include "web/refusal_table.hpp"

#include <array>
#include <cstddef>

namespace gw::transport {

namespace {

using enum Errc;

// A failure of how it was asked has the status that says so.
constexpr int by_http(Errc kind) {
    return web::refusal_of(kind).status;
}

// A failure of what was asked travels on 200.
constexpr int as_answer = 200;

// SDKs use this code for what has none of its own.
constexpr int refused = -32000;

// One kind of failure, as clients with sessions are told it, and as stateless ones are where that
// differs: for them statuses are part of the protocol (2026-07-28, basic, Error Codes).
struct Row {
    Errc kind;
    Wire with_session;
    Wire stateless = with_session;
};

// In the order of Errc.
constexpr std::array table{
    Row{malformed, {by_http(malformed), -32700}},
    Row{invalid_request, {by_http(invalid_request), -32600}},
    Row{unknown_method, {as_answer, -32601}, {404, -32601}},
    Row{invalid_params, {as_answer, -32602}},
    Row{missing_meta, {400, -32602}},
    Row{unauthenticated, {by_http(unauthenticated), refused}},
    Row{forbidden, {by_http(forbidden), refused}},
    Row{foreign_origin, {by_http(foreign_origin), refused}},
    Row{not_found, {as_answer, -32602}},
    Row{resource_not_found, {as_answer, -32002}, {as_answer, -32602}},
    Row{session_required, {400, refused}},
    Row{unknown_session, {by_http(unknown_session), -32001}},
    Row{unknown_path, {by_http(unknown_path), refused}},
    Row{method_not_allowed, {by_http(method_not_allowed), refused}},
    Row{not_acceptable, {by_http(not_acceptable), refused}},
    Row{unsupported_media_type, {by_http(unsupported_media_type), refused}},
    Row{payload_too_large, {by_http(payload_too_large), refused}},
    Row{unsupported_version, {by_http(unsupported_version), refused}, {400, -32022}},
    Row{header_mismatch, {400, refused}, {400, -32020}},
    Row{capability_missing, {as_answer, -32603}, {400, -32021}},
    Row{url_elicitation_required, {as_answer, -32042}, {as_answer, -32603}},
    Row{conflict, {by_http(conflict), refused}},
    Row{too_many, {by_http(too_many), refused}},
    Row{upstream_failed, {as_answer, -32603}},
    Row{upstream_unauthorized, {as_answer, -32603}},
    Row{timed_out, {as_answer, -32603}},
    Row{cancelled, {as_answer, -32603}},
    Row{unavailable, {by_http(unavailable), -32603}},
    Row{internal, {as_answer, -32603}},
};

constexpr bool has_a_row_for_each() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table.at(i).kind != static_cast<Errc>(i)) return false;
    return table.back().kind == internal;  // The last of them.
}

static_assert(has_a_row_for_each());

// Codes from -32000 to -32019 mean nothing there, and are not used.
constexpr Wire in_stateless_words(Wire wire) {
    const bool has_meaning = wire.code <= -32020;
    return {wire.status, has_meaning ? wire.code : -32600};
}

}  // namespace

Wire on_wire(Errc kind, mcp::Revision revision) {
    const auto& row = table.at(static_cast<std::size_t>(kind));
    return features(revision).sessions ? row.with_session : in_stateless_words(row.stateless);
}

Wire on_wire(web::HttpFault fault, mcp::Revision revision) {
    const Wire wire{web::status_of(fault), refused};
    return features(revision).sessions ? wire : in_stateless_words(wire);
}

}  // namespace gw::transport
