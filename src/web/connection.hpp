#pragma once

#include "async/deadline.hpp"
#include "base/buffer.hpp"
#include "net/byte_stream.hpp"
#include "web/handler.hpp"
#include "web/http_server.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace gw::web {

// One connection of a client: reads requests one after the other, has them checked, and answers.
// A connection that names a session of another shard moves there, with what it has sent.
class Connection : public ConnectionHook {
public:
    Connection(
        HttpServer& server,
        std::unique_ptr<net::ByteStream> stream,
        std::string peer,
        Buffer unread,
        async::Allowance::Hold place
    );
    ~Connection();

    // It is a new one: a trusted proxy may have to say first whose it is.
    void expect_proxy_header();

    // Runs until either side ends the connection.
    Task<> run();

    // Ends the connection if it waits for a request now.
    void close_if_idle();

    // The same, once, if it has done so for a moment; returns whether it did so.
    bool give_way();

    HttpServer& server() { return server_; }

    net::Shard& shard() { return server_.shard(); }

    // Whose the request at hand is, as a numeric address ("unix" for a Unix socket): the other side
    // of the connection, or whom a trusted proxy names there.
    const std::string& client() const { return client_.empty() ? peer_ : client_; }

    // Finds out whether the other side is a trusted proxy, for the requests that come from now on.
    void take_policy();

    // Writes all of `parts`. False when the client has gone, or takes nothing for too long.
    Task<bool> write_parts(std::span<std::string_view> parts);
    Task<bool> write(const Buffer& bytes);

    // The same for a message in three parts, of which the first is given away.
    Task<bool> send(Buffer head, std::string_view body, std::string_view tail);

    // True when nothing was written for the request yet, and it can be answered by a status.
    bool is_open() const { return stream_->is_open(); }

    net::ByteStream& stream() { return *stream_; }

    // What waits for this client beside what is being written; null for nothing. It outlives that.
    void set_backlog(const Backlog* backlog) { backlog_ = backlog; }

    // Looks from now on whether the client leaves while its request is being answered; what else
    // comes is the next request, and kept.
    void watch(net::ByteStream::Observer& observer);

    // Instead of an answer: the connection goes to another shard, with the request that came on it
    // and everything after it. Nothing has been written, and nothing is read.
    void move_to(unsigned shard, Request& request);

    // False for a request that came here from another shard: it is answered here, whatever shards
    // its parts name, so that none travels for ever.
    bool may_move() const { return !has_come_; }

    // The next request came here from another shard.
    void take_moved() { has_come_ = true; }

    // True when the client was watched and has left.
    bool has_ended() const;

    // The connection ends after this answer.
    void end_after_answer() { keeps_alive_ = false; }

    // With what belongs to every answer to this request.
    ReplyHead reply_to(const Request& request);

    // Answers a request by the refusal of its handler.
    [[gnu::noinline]] Task<> refuse(Request& request, const Error& error);

    // After this request the connection is only for `follower`.
    void follow_with(std::unique_ptr<Follower> follower);

    // Whose request it is, where limits count by owner: that of the principal, or where everybody
    // is let in, the address. Lives as long as the request.
    std::string_view owner_of(const Request& request);

private:
    // The next request that passed the checks; one that did not has been refused here. Null then,
    // and when the connection has ended or moved.
    // Not inlined, like the others that run() awaits: a compiler that does so puts their frames
    // into that of run(), which a stream that lives long would keep.
    [[gnu::noinline]] Task<std::unique_ptr<Request>> receive();
    [[gnu::noinline]] Task<bool> take_proxy_header();
    void refuse_proxy_header(std::string_view why);
    Task<Result<bool>> receive_head(Request& request);
    Task<Result<std::optional<unsigned>>> check_when_there_is_a_place(Request& request);
    Task<Result<std::optional<unsigned>>> check_once_known(Request& request);
    Task<Result<void>> receive_body(Request& request);
    Task<Result<void>> receive_chunks(Request& request);
    Task<Result<void>> make_room(Request& request, std::size_t size_max);
    Task<std::optional<async::Budget::Hold>> take_from_others(LargeBody& body, std::size_t size);
    std::unexpected<Error> no_room(const LargeBody& body);
    std::unexpected<Error> unfinished(Request& request);
    Task<bool> more();
    Task<Result<void>> write_slowly(std::span<std::string_view> parts);
    void split_off(Request& request, std::size_t size);
    void keep_for_next(std::string_view bytes);
    [[gnu::noinline]] Task<> linger();
    void migrate(unsigned shard, Request& request, Buffer bytes);
    [[gnu::noinline]] Task<> answer_options(Request& request);
    Result<void> known_still(const Request& request);
    [[gnu::noinline]] Task<> follow();
    void account(const Request& request);

    HttpServer& server_;
    std::unique_ptr<net::ByteStream> stream_;
    std::string peer_;
    std::string client_;  // Of this request; empty when it is the peer.
    std::string address_owner_;
    bool is_trusted_proxy_ = false;
    bool expects_proxy_header_ = false;
    async::Allowance::Hold place_;  // Among those that there may be.
    Buffer in_;  // What has come and does not belong to the message that is being answered.
    std::unique_ptr<std::array<char, 1024>> first_bytes_;  // Of a message, while waiting for one.
    async::Deadline* deadline_ = nullptr;
    const Backlog* backlog_ = nullptr;
    Fiber* fiber_ = nullptr;
    std::unique_ptr<Follower> follower_;
    TimePoint idle_since_;
    bool is_idle_ = false;
    bool gives_way_ = false;
    bool has_moved_ = false;
    bool has_come_ = false;
    bool is_watched_ = false;  // A read into first_bytes_ has begun.
    bool keeps_alive_ = true;
    bool lingers_ = false;  // The client may still be sending what will not be read.
};

}  // namespace gw::web
