#pragma once

#include "session/session.hpp"
#include "transport/stream_writer.hpp"
#include "web/handler.hpp"

#include <cstdint>
#include <utility>

namespace gw::transport {

// The stream of a GET, once its head is made; what it refers to outlives it.
struct GetStream final : web::Follower {
    GetStream(
        Endpoint& endpoint,
        web::Connection& connection,
        auth::PrincipalHandle who,
        session::Session& session,
        session::EventStream& stream,
        std::uint64_t sequence
    )
        : who(std::move(who)),
          use(session),
          writer(endpoint, connection, session, stream, sequence) {}

    Task<> run() override { return writer.serve_get(std::move(head), is_resumed, who); }

    auth::PrincipalHandle who;
    session::Use use;
    StreamWriter writer;
    Buffer head;
    bool is_resumed = false;
};

}  // namespace gw::transport
