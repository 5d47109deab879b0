#include "web/connection.hpp"
#include "web/receive_proxy_header.hpp"

#include <string>

// How a connection begins that a proxy passes on without looking into it.
namespace gw::web {

void Connection::expect_proxy_header() {
    expects_proxy_header_ = server_.expects_proxy_header(peer_);
}

// From now on the connection is that of whom the header names, who may be another trusted proxy.
// False when it is of no use: there is nobody to be answered, but a proxy that is set up wrongly.
Task<bool> Connection::take_proxy_header() {
    const auto header = co_await receive_proxy_header(*stream_);
    if (!header) {
        const bool is_late = deadline_->has_expired();
        if (is_late) refuse_proxy_header("no PROXY header came in time (timeouts.head)");
        if (header.error().kind == Errc::malformed) refuse_proxy_header(header.error().text);
        co_return false;
    }
    if (header->source) {
        peer_ = header->source->to_string();
        take_policy();
    }
    co_return true;
}

void Connection::refuse_proxy_header(std::string_view why) {
    stream_->close();
    server_.parts_.log("the connection of " + peer_ + " was closed: " + std::string(why));
}

}  // namespace gw::web
