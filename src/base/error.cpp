#include "base/error.hpp"

namespace gw {

std::string_view to_string(Errc kind) {
    using enum Errc;
    switch (kind) {
        case malformed: return "malformed";
        case invalid_request: return "invalid_request";
        case unknown_method: return "unknown_method";
        case invalid_params: return "invalid_params";
        case missing_meta: return "missing_meta";
        case unauthenticated: return "unauthenticated";
        case forbidden: return "forbidden";
        case foreign_origin: return "foreign_origin";
        case not_found: return "not_found";
        case resource_not_found: return "resource_not_found";
        case session_required: return "session_required";
        case unknown_session: return "unknown_session";
        case unknown_path: return "unknown_path";
        case method_not_allowed: return "method_not_allowed";
        case not_acceptable: return "not_acceptable";
        case unsupported_media_type: return "unsupported_media_type";
        case payload_too_large: return "payload_too_large";
        case unsupported_version: return "unsupported_version";
        case header_mismatch: return "header_mismatch";
        case capability_missing: return "capability_missing";
        case url_elicitation_required: return "url_elicitation_required";
        case conflict: return "conflict";
        case too_many: return "too_many";
        case upstream_failed: return "upstream_failed";
        case upstream_unauthorized: return "upstream_unauthorized";
        case timed_out: return "timed_out";
        case cancelled: return "cancelled";
        case unavailable: return "unavailable";
        case internal: return "internal";
    }
    return "unknown";
}

std::string to_string(const Error& error) {
    return std::string(to_string(error.kind)) + ": " + error.text;
}

}  // namespace gw
