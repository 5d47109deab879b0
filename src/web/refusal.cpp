#include "web/refusal.hpp"

#include "base/json.hpp"
#include "base/unicode.hpp"

namespace gw::web {

int status_of(HttpFault fault) {
    using enum HttpFault;
    switch (fault) {
        case late_body: return 408;
        case target_too_long: return 414;
        case head_too_large: return 431;
        case unsupported_http: return 505;
    }
    return 400;
}

int status_of(Errc kind) {
    switch (kind) {
        case Errc::malformed:
        case Errc::invalid_request:
        case Errc::invalid_params:
        case Errc::unsupported_version: return 400;
        case Errc::unauthenticated: return 401;
        case Errc::forbidden:
        case Errc::foreign_origin: return 403;
        case Errc::not_found:
        case Errc::resource_not_found:
        case Errc::unknown_session:
        case Errc::unknown_path: return 404;
        case Errc::method_not_allowed: return 405;
        case Errc::not_acceptable: return 406;
        case Errc::conflict: return 409;
        case Errc::payload_too_large: return 413;
        case Errc::unsupported_media_type: return 415;
        case Errc::too_many: return 429;
        case Errc::unavailable: return 503;
        default: return 500;
    }
}

std::string headers_of(Errc kind, std::string_view allow) {
    switch (kind) {
        case Errc::unauthenticated: return "WWW-Authenticate: Bearer realm=\"mcp\"\r\n";
        case Errc::method_not_allowed: return "Allow: " + std::string(allow) + "\r\n";
        case Errc::unavailable:
        case Errc::too_many: return "Retry-After: 1\r\n";
        default: return {};
    }
}

std::string shortened(std::string_view text) {
    constexpr std::size_t size_max = 1024;
    if (text.size() <= size_max) return std::string(text);
    return std::string(utf8_prefix(text, size_max)) + "...";
}

int append_refusal(
    Buffer& out, ReplyHead reply, std::optional<HttpFault> fault, const Error& error
) {
    reply.status = fault ? status_of(*fault) : status_of(error.kind);
    const auto more = headers_of(error.kind, reply.allow);
    reply.more = more;
    append_reply(out, reply, R"({"detail":)" + json::quoted(shortened(error.text)) + "}");
    return reply.status;
}

}  // namespace gw::web
