#pragma once

#include "session/session.hpp"
#include "transport/endpoint.hpp"
#include "web/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::transport {

// Writes a session's stream to a connection: a cursor on its log. A newer writer of the same stream
// ends this one. It and what it refers to outlive serve_get() and serve_post().
class StreamWriter final : net::ByteStream::Observer, web::Backlog, session::StreamReader {
public:
    // Events after `sequence` are written.
    StreamWriter(
        Endpoint& endpoint,
        web::Connection& connection,
        session::Session& session,
        session::EventStream& stream,
        std::uint64_t sequence
    );
    ~StreamWriter() override;

    // For a GET of `who`: `head` leaves at once, because some clients wait for it in their connect.
    // Then events, as they come, until the stream or the connection ends, or `who` may not have
    // them any more.
    Task<> serve_get(Buffer head, bool is_resumed, auth::PrincipalHandle who);

    // The same for a POST, whose stream has just begun: who asked is looked at for each event that
    // is put into it, and when the call has ended for want of that, its end is told.
    Task<> serve_post(Buffer head);

    // The client is known to have left before the end: nothing more is written.
    void client_has_left() {
        has_client_left_ = true;
        stream_.changed().set();
    }

    bool has_client_left() const { return has_client_left_; }

    // Writes a comment soon.
    void comment() {
        is_comment_due_ = true;
        stream_.changed().set();
    }

private:
    Task<bool> write_events(Buffer& out);
    Task<bool> write_large(Buffer& out, const session::EventStream::Message& message);
    Task<> serve(Buffer out);

    std::string event_id() const {
        return to_string(session::EventId{stream_.number(), sequence_});
    }

    void append_start(Buffer& out);
    void append_gap(Buffer& out, std::uint64_t lost);

    std::size_t bytes() const override { return stream_.bytes(); }

    bool is_replaced() const { return stream_.turn() != turn_; }

    // False when nothing more is for this client.
    bool goes_on() const;

    const auth::Principal& who() const override { return *who_; }

    void end() override { stream_.changed().set(); }

    // On a GET stream whatever comes is no request that could be answered now.
    void read_has_ended() override { client_has_left(); }

    Endpoint& endpoint_;
    web::Connection& connection_;
    session::Session& session_;
    session::EventStream& stream_;
    std::uint64_t sequence_;
    std::uint32_t turn_;
    bool is_reading_ = false;    // For a GET; else somebody else looks whether the client leaves.
    auth::PrincipalHandle who_;  // The same.
    bool is_comment_due_ = false;
    bool has_client_left_ = false;
    char unexpected_ = 0;  // What a client sends on a GET stream: nothing.
};

}  // namespace gw::transport
