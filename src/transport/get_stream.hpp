#pragma once

#include "transport/connection.hpp"
#include "transport/stream_writer.hpp"

namespace gw::transport {

struct Connection::GetStream {
    GetStream(
        Connection& connection,
        session::Session& session,
        session::Stream& stream,
        std::uint64_t sequence
    )
        : use(session), writer(connection, session, stream, sequence) {}

    session::Use use;
    StreamWriter writer;
    Buffer head;
    bool is_resumed = false;
};

}  // namespace gw::transport
