#include "transport/client_watch.hpp"

#include "async/sleep.hpp"

namespace gw::transport {

ClientWatch::ClientWatch(web::Connection& connection, PostStream& stream)
    : connection_(connection), stream_(stream) {
    auto& shard = connection.shard();
    shard.wheel().add(*this, shard.now() + patience);
}

ClientWatch::~ClientWatch() {
    if (is_watching_) connection_.stream().set_observer(nullptr);
}

void ClientWatch::begin() {
    if (is_watching_ || !connection_.is_open()) return;
    async::Wheel::remove(*this);
    is_watching_ = true;
    connection_.watch(*this);
}

void ClientWatch::read_has_ended() {
    if (!connection_.has_ended()) return;  // It is the next request, which the connection keeps.
    auto& stream = connection_.stream();
    if (stream.is_half_closed() && stream_.comment()) {
        is_sure_at_ = connection_.shard().now() + doubt;
        connection_.end_after_answer();
        stream.start_reset_watch();
        return;
    }
    has_left_ = true;
    stream_.client_has_left();
}

Task<bool> ClientWatch::is_there() {
    if (!is_sure_at_ && !has_left_ && !connection_.stream().has_other_end_closed()) co_return true;
    auto& shard = connection_.shard();
    const auto latest = shard.now() + doubt;
    begin();
    while (!has_left_ && connection_.is_open() && shard.now() < is_sure_at_.value_or(latest)) {
        const auto next = shard.now() + async::Wheel::tick;
        if (!co_await async::sleep_until(shard, shard.wheel(), next)) break;
    }
    co_return !has_left_ && connection_.is_open();
}

}  // namespace gw::transport
