#include "web/http_server.hpp"

#include "telemetry/metrics.hpp"
#include "web/connection.hpp"

#include <utility>

namespace gw::web {

namespace {

Task<> refuse(std::unique_ptr<net::ByteStream> stream) {
    co_await stream->finish();
}

}  // namespace

HttpServer::HttpServer(Parts parts, Policy policy)

    : parts_(std::move(parts)),
      router_(parts_.routes),
      policy_(std::move(policy)),
      gate_(parts_.shard) {
    parts_.budget.cut = [this](std::size_t wanted) {
        const bool has_bodies = large_bodies_.give_way();
        auto& log = parts_.log;
        return slow_writes_.cut(wanted, shard().now(), options().write_timeout, log) || has_bodies;
    };
}

HttpServer::~HttpServer() {
    parts_.budget.cut = nullptr;
}

void HttpServer::serve(std::unique_ptr<net::ByteStream> stream, std::string peer) {
    if (gate_.is_closing()) return close(std::move(stream));
    Waiting next{std::move(stream), std::move(peer)};
    if (auto place = parts_.connections.hold(1)) {
        return start(std::move(next), {}, std::move(place));
    }
    if (waiting_.size() >= parts_.waiting_max || is_draining_) return close(std::move(next.stream));
    waiting_.push_back(std::move(next));
    if (parts_.has_idle_give_way) make_idle_give_way();
    serve_waiting();
}

// Of the one that is here for the longest time.
void HttpServer::make_idle_give_way() {
    for (auto& each : connections_) {
        if (static_cast<Connection&>(each).give_way()) return;
    }
}

void HttpServer::serve_moved(
    std::unique_ptr<net::ByteStream> stream, std::string peer, Buffer unread
) {
    auto place = parts_.connections.adopt(1);
    if (gate_.is_closing()) return close(std::move(stream));
    start({std::move(stream), std::move(peer), false}, std::move(unread), std::move(place));
}

void HttpServer::start(Waiting next, Buffer unread, async::Allowance::Hold place) {
    auto connection = std::make_unique<Connection>(
        *this, std::move(next.stream), std::move(next.peer), std::move(unread), std::move(place)
    );
    if (next.is_new) connection->expect_proxy_header();
    gate_.spawn(run(std::move(connection)));
}

Task<> HttpServer::run(std::unique_ptr<Connection> connection) {
    co_await connection->run();
    connection.reset();
    if (!waiting_.empty()) serve_waiting();
}

void HttpServer::serve_waiting() {
    for (;;) {
        // Said before it is looked whether there is a place, so that none is missed.
        parts_.connections.wait_for(waiting_.empty() ? 0 : 1);
        if (waiting_.empty()) return;
        auto place = parts_.connections.hold(1);
        if (!place) return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        start(std::move(next), {}, std::move(place));
    }
}

void HttpServer::set_policy(Policy policy) {
    policy_ = std::move(policy);
    host_taken_last.clear();
    for (auto& each : connections_)
        static_cast<Connection&>(each).take_policy();
}

void HttpServer::look_around() {
    parts_.connections.poked();
    serve_waiting();
}

void HttpServer::close(std::unique_ptr<net::ByteStream> stream) {
    shard().metrics().count<telemetry::Metric::connections_refused>();
    stream->close();
    gate_.spawn(refuse(std::move(stream)));
}

void HttpServer::drain() {
    is_draining_ = true;
    waiting_.clear();
    serve_waiting();
    for (auto& each : connections_)
        static_cast<Connection&>(each).close_if_idle();
}

Task<> HttpServer::close() {
    is_draining_ = true;
    waiting_.clear();
    serve_waiting();
    co_await gate_.close();
}

}  // namespace gw::web
