#include "web/refusal.hpp"

#include "base/json.hpp"
#include "base/unicode.hpp"
#include "web/refusal_table.hpp"

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

std::string headers_of(Errc kind, std::string_view allow) {
    switch (refusal_of(kind).remedy) {
        case Remedy::challenge: return "WWW-Authenticate: Bearer realm=\"mcp\"\r\n";
        case Remedy::allow: return "Allow: " + std::string(allow) + "\r\n";
        case Remedy::retry: return "Retry-After: 1\r\n";
        case Remedy::none: return {};
    }
    return {};
}

std::string shortened(std::string_view text) {
    constexpr std::size_t size_max = 1024;
    if (text.size() <= size_max) return std::string(text);
    return std::string(utf8_prefix(text, size_max)) + "...";
}

int append_refusal(
    Buffer& out, ReplyHead reply, std::optional<HttpFault> fault, const Error& error
) {
    reply.status = fault ? status_of(*fault) : refusal_of(error.kind).status;
    const auto more = headers_of(error.kind, reply.allow);
    reply.more = more;
    append_reply(out, reply, R"({"detail":)" + json::quoted(shortened(error.text)) + "}");
    return reply.status;
}

}  // namespace gw::web
