#include "transport/failure.hpp"

namespace gw::transport {

namespace {

// A failure of what was asked travels on 200.
constexpr int as_answer = 200;

// A failure of how it was asked has the status that says so; SDKs use -32000 for those.
Wire with_sessions(Errc kind) {
    using enum Errc;
    switch (kind) {
        case malformed: return {400, -32700};
        case invalid_request: return {400, -32600};
        case missing_meta: return {400, -32602};
        case unknown_session: return {web::status_of(kind), -32001};
        case unavailable: return {web::status_of(kind), -32603};
        case session_required:
        case header_mismatch: return {400, -32000};
        case unauthenticated:
        case forbidden:
        case foreign_origin:
        case unknown_path:
        case method_not_allowed:
        case not_acceptable:
        case unsupported_media_type:
        case payload_too_large:
        case unsupported_version:
        case conflict:
        case too_many: return {web::status_of(kind), -32000};
        case unknown_method: return {as_answer, -32601};
        case invalid_params:
        case not_found: return {as_answer, -32602};
        case resource_not_found: return {as_answer, -32002};
        case url_elicitation_required: return {as_answer, -32042};
        case capability_missing:
        case upstream_failed:
        case upstream_unauthorized:
        case timed_out:
        case cancelled:
        case internal: return {as_answer, -32603};
    }
    return {500, -32603};
}

// What differs in the stateless era: statuses are part of the protocol, and codes that have no
// meaning are not used (2026-07-28, basic, Error Codes).
Wire stateless(Errc kind) {
    using enum Errc;
    switch (kind) {
        case unknown_method: return {404, -32601};
        case resource_not_found: return {200, -32602};
        case unsupported_version: return {400, -32022};
        case header_mismatch: return {400, -32020};
        case capability_missing: return {400, -32021};
        case url_elicitation_required: return {200, -32603};
        default: break;
    }
    const auto wire = with_sessions(kind);
    const bool has_meaning = wire.code <= -32600;
    return {wire.status, has_meaning ? wire.code : -32600};
}

}  // namespace

Wire on_wire(web::HttpFault fault) {
    return {web::status_of(fault), -32000};
}

Wire on_wire(Errc kind, mcp::Revision revision) {
    return features(revision).sessions ? with_sessions(kind) : stateless(kind);
}

}  // namespace gw::transport
