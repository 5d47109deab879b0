#include "web/handler.hpp"

#include "web/request.hpp"

namespace gw::web {

void Handler::locate(Request& /*request*/) {}

Result<std::optional<unsigned>> Handler::check(Request& request) {
    if (request.who && !request.who->server.empty()) return fail(Errc::unknown_path, "Not found");
    return std::optional<unsigned>();
}

int Handler::refuse(Buffer& out, ReplyHead reply, const Request& request, const Error& error)
    const {
    return append_refusal(out, reply, request.fault, error);
}

std::string Handler::allowed_headers(const Request& /*request*/) const {
    return "Authorization, Content-Type, Accept";
}

}  // namespace gw::web
