#include "web/health.hpp"

#include "web/connection.hpp"

namespace gw::web {

std::string_view Health::text(bool is_good) const {
    if (probe_ == Probe::alive) return good;
    return is_good ? R"({"status":"ready"})" : R"({"status":"not ready"})";
}

Task<> Health::serve(Connection& connection, Request& request) {
    const bool is_good = probe_ == Probe::alive || connection.server().is_ready();
    auto head = connection.reply_to(request);
    head.origin = {};
    head.status = request.status = is_good ? 200 : 503;
    Buffer out;
    append_reply(out, head, text(is_good));
    co_await connection.write(out);
}

}  // namespace gw::web
