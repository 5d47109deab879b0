#include "web/health.hpp"

#include "web/connection.hpp"

namespace gw::web {

Task<> Health::serve(Connection& connection, Request& request) {
    const bool is_good = question_ == Question::alive || connection.server().is_ready();
    auto head = connection.reply_to(request);
    head.origin = {};
    head.status = request.status = is_good ? 200 : 503;
    Buffer out;
    append_reply(out, head, is_good ? good : R"({"status":"not ready"})");
    co_await connection.write(out);
}

}  // namespace gw::web
