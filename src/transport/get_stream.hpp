#pragma once

#include "session/session.hpp"
#include "transport/stream_writer.hpp"
#include "web/handler.hpp"

#include <cstdint>

namespace gw::transport {

// The stream of a GET, once its head is made; what it refers to outlives it.
struct GetStream final : web::Follower {
    GetStream(
        Endpoint& endpoint,
        web::Connection& connection,
        session::Session& session,
        session::EventStream& stream,
        std::uint64_t sequence
    )
        : use(session), writer(endpoint, connection, session, stream, sequence) {}

    Task<> run() override { return writer.serve_get(std::move(head), is_resumed); }

    session::Use use;
    StreamWriter writer;
    Buffer head;
    bool is_resumed = false;
};

}  // namespace gw::transport
