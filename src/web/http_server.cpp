#include "web/http_server.hpp"

#include "async/sleep.hpp"
#include "telemetry/metrics.hpp"
#include "web/connection.hpp"

#include <algorithm>
#include <chrono>
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
    if (is_draining_ || !has_room_to_wait()) return close(std::move(next.stream));
    waiting_.push_back(std::move(next));
    serve_waiting();
    if (!waiting_.empty() && !std::exchange(is_making_room_, true)) gate_.spawn(make_room());
}

// One that waits and has sent nothing gives way to one that comes; it is not looked for any longer
// than that takes.
bool HttpServer::has_room_to_wait() {
    if (waiting_.size() < parts_.waiting_max) return true;
    constexpr std::ptrdiff_t looked_at_max = 16;
    const auto end = waiting_.begin() + std::min(std::ssize(waiting_), looked_at_max);
    const auto silent =
        std::find_if(waiting_.begin(), end, [](auto& each) { return each.stream->is_quiet(); });
    if (silent == end) return false;
    close(std::move(silent->stream));
    waiting_.erase(silent);
    return true;
}

// So that whoever is silent keeps nobody out. Again and again, since those that are not silent for
// long enough now may be so soon.
Task<> HttpServer::make_room() {
    constexpr std::chrono::milliseconds pause{50};
    do {
        auto missed = waiting_.size();
        while (missed > 0 && make_idle_give_way())
            --missed;
        parts_.connections.ask_others(missed);
    } while (co_await async::sleep_until(shard(), shard().wheel(), shard().now() + pause) &&
             !waiting_.empty());
    is_making_room_ = false;
}

// Closes the one that has had no request for the longest time.
bool HttpServer::make_idle_give_way() {
    return std::ranges::any_of(connections_, [](auto& each) {
        return static_cast<Connection&>(each).give_way();
    });
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
    if (next.is_new) {
        connection->expect_proxy_header();
    } else {
        connection->take_moved();
    }
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
        if (waiting_.empty()) return parts_.connections.stop_asking();
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
    for (auto missed = parts_.connections.missed_by_others(); missed > 0; --missed) {
        if (!make_idle_give_way()) break;
    }
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
