#pragma once

#include "async/deadline.hpp"
#include "base/buffer.hpp"
#include "net/byte_stream.hpp"
#include "session/session.hpp"
#include "transport/endpoint.hpp"
#include "transport/incoming.hpp"
#include "transport/reply.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace gw::transport {

// One connection of a client: reads requests one after the other, has them checked, and answers.
// A connection that names a session of another shard moves there, with what it has sent.
class Connection : public ConnectionHook {
public:
    Connection(
        Endpoint& endpoint,
        std::unique_ptr<net::ByteStream> stream,
        std::string peer,
        Buffer unread,
        async::Allowance::Hold place
    );
    ~Connection();

    // Runs until either side ends the connection.
    Task<> run();

    // Ends the connection if it waits for a request now.
    void close_if_idle();

    Endpoint& endpoint() { return endpoint_; }

    const std::string& peer() const { return peer_; }

    // Writes all of `parts`. False when the client has gone, or takes nothing for too long.
    Task<bool> write_parts(std::span<std::string_view> parts);
    Task<bool> write(const Buffer& bytes);

    // The same for a message in three parts, of which the first is given away.
    Task<bool> send(Buffer head, std::string_view body, std::string_view tail);

    // True when nothing was written for the request yet, and it can be answered by a status.
    bool is_open() const { return stream_->is_open(); }

    net::ByteStream& stream() { return *stream_; }

    // What is written from now on, and what else waits for this client; null: only that.
    void set_source(const session::Stream* source) { source_ = source; }

    // Looks from now on whether the client leaves while its request is being answered; what else
    // comes is the next request, and kept.
    void watch(net::ByteStream::Observer& observer);

    // Instead of an answer: the connection goes to another shard, with the request that came on it
    // and everything after it. Nothing has been written, and nothing is read.
    void move_to(unsigned shard, Incoming& incoming);

    // True when the client was watched and has left.
    bool has_ended() const;

    // The connection ends after this answer.
    void end_after_answer() { keeps_alive_ = false; }

    // With what belongs to every answer to this request.
    ReplyHead reply_to(const Incoming& incoming);

private:
    struct GetStream;  // The stream of a GET, once its head is made.

    // The next request that passed the checks; one that did not has been refused here. Null then,
    // and when the connection has ended or moved.
    Task<std::unique_ptr<Incoming>> receive();
    Task<Result<bool>> receive_head(Incoming& incoming);
    Task<Result<void>> receive_body(Incoming& incoming);
    Task<Result<void>> receive_chunks(Incoming& incoming);
    Task<Result<void>> make_room(Incoming& incoming, std::size_t size_max);
    Task<std::optional<async::Budget::Hold>> take_from_others(LargeBody& body, std::size_t size);
    std::unexpected<Error> no_room(const LargeBody& body);
    std::unexpected<Error> unfinished(Incoming& incoming);
    Task<bool> more();
    Task<Result<void>> write_slowly(std::span<std::string_view> parts);
    void split_off(Incoming& incoming, std::size_t size);
    void keep_for_next(std::string_view bytes);
    Task<> refuse(Incoming& incoming, const Error& error);
    Task<> linger();
    std::optional<unsigned> other_shard(const Incoming& incoming);
    void migrate(unsigned shard, Incoming& incoming, Buffer bytes);
    Task<> answer(Incoming& incoming);
    Task<> answer_get(Incoming& incoming);
    Task<> serve_get_stream();
    Task<> answer_delete(Incoming& incoming);
    Task<> answer_health(Incoming& incoming);
    void log(const Incoming& incoming);

    Endpoint& endpoint_;
    std::unique_ptr<net::ByteStream> stream_;
    std::string peer_;
    async::Allowance::Hold place_;  // Among those that there may be.
    Buffer in_;  // What has come and does not belong to the message that is being answered.
    std::unique_ptr<std::array<char, 1024>> first_bytes_;  // Of a message, while waiting for one.
    async::Deadline* deadline_ = nullptr;
    const session::Stream* source_ = nullptr;
    Fiber* fiber_ = nullptr;
    std::unique_ptr<GetStream> get_stream_;
    bool is_idle_ = false;
    bool has_moved_ = false;
    bool is_watched_ = false;  // A read into first_bytes_ has begun.
    bool keeps_alive_ = true;
    bool lingers_ = false;  // The client may still be sending what will not be read.
};

}  // namespace gw::transport
