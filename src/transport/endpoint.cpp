#include "transport/endpoint.hpp"

#include "transport/connection.hpp"

#include <utility>

namespace gw::transport {

namespace {

Task<> run(std::unique_ptr<Connection> connection) {
    co_await connection->run();
}

Task<> refuse(std::unique_ptr<net::Stream> stream) {
    co_await stream->finish();
}

}  // namespace

Endpoint::Endpoint(Parts parts, Policy policy)
    : parts_(std::move(parts)), policy_(std::move(policy)), gate_(parts_.shard) {}

Endpoint::~Endpoint() = default;

void Endpoint::serve(std::unique_ptr<net::Stream> stream, std::string peer, Buffer unread) {
    if (gate_.running() >= options().connections_max || gate_.is_closing()) {
        stream->close();
        gate_.spawn(refuse(std::move(stream)));
        return;
    }
    gate_.spawn(run(std::make_unique<Connection>(
        *this, std::move(stream), std::move(peer), std::move(unread)
    )));
}

void Endpoint::drain() {
    is_draining_ = true;
    for (auto& each : connections_) static_cast<Connection&>(each).close_if_idle();
}

Task<> Endpoint::close() {
    is_draining_ = true;
    co_await gate_.close();
}

}  // namespace gw::transport
