#pragma once

#include "async/budget.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "async/wheel.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "http/chunked.hpp"
#include "http/head.hpp"
#include "http/inflater.hpp"
#include "net/connect.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace gw::http {

class Pool;

// A connection to a server, with one request on it at a time: send(), receive_head(), then the
// body, whole or in pieces. A read is always armed, so that a server which closes an idle
// connection is noticed without asking the kernel.
class ClientConnection : public boost::intrusive::list_base_hook<
                             boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    // The loop, that of its shard, outlives it.
    ClientConnection(async::Loop& loop, std::unique_ptr<net::Stream> stream);

    // Sends a whole request; it has to be written before a response is read.
    Result<bool> send_now(std::span<std::string_view> parts);
    Task<Result<void>> send(std::string_view request);

    // Reads a head; informational ones are skipped. What has come of the body stays in `in`.
    Task<Result<void>> receive_head(Method request_method, const HeadLimits& limits);

    // True when the body has to be decoded, so that its size is known at its end only.
    bool is_encoded() const { return inflater_ != nullptr; }

    // Reads the rest of a body of BodyKind::sized into `in`, which then holds just the body. Not of
    // one that is encoded.
    Task<Result<void>> receive_sized();

    // The body that receive_sized() read, with its buffer; the head goes with it.
    Slice take_body();

    // The next bytes of a body of any kind, decoded, valid until the next call; empty at its end.
    Task<Result<std::string_view>> next_piece() { return inflater_ ? next_decoded() : next_raw(); }

    // True when the response has been read to its end, nothing is left over, and the server keeps
    // the connection.
    bool is_reusable() const;

    Head head;
    Buffer in;  // The head, until the body is read.
    std::size_t head_size = 0;
    bool is_used = false;       // It has carried a request before this one.
    bool has_answered = false;  // A byte of the response has come.

    net::Stream& stream() { return *stream_; }

    std::string_view head_text() const { return in.view().substr(0, head_size); }

private:
    friend class Pool;

    void arm() { stream_->start_read(ahead_); }

    Task<Result<bool>> more();  // Appends to `in`; false at the end of the stream.
    Result<void> begin_body();
    Task<Result<std::string_view>> next_raw();
    Task<Result<std::string_view>> next_decoded();
    void drop(std::size_t count);

    async::Loop& loop_;
    std::unique_ptr<net::Stream> stream_;
    std::array<char, 4096> ahead_;
    std::uint64_t body_left_ = 0;
    bool is_body_done_ = false;
    ChunkedDecoder chunks_;
    std::unique_ptr<Inflater> inflater_;  // Null for a body that is not encoded.
    std::size_t handed_out_ = 0;          // Bytes at the front of `in` that the last piece was in.
    std::chrono::milliseconds idle_max_{0};  // As the server announced it.
    TimePoint idle_until_;
    std::optional<async::Visitors::Visit> taken_;  // Out of its pool.
};

// The connections of one shard to one server.
class Pool final : async::Timer {
public:
    struct Limits {
        // Node closes after five seconds; so an idle connection is dropped before.
        std::chrono::milliseconds idle_max{4000};
        std::chrono::milliseconds connect_timeout{5000};
        std::size_t idle_count_max = 256;
        // More than a listener's backlog at the same time would be dropped, and come back late.
        std::size_t connecting_max = 64;
        // Last words at a time; a server that takes one after the other still hears each in time.
        std::size_t leaving_max = 16;
    };

    Pool(net::Shard& shard, net::Connector& connector, net::Destination to, Limits limits);
    ~Pool();

    // The connection that was used last and is still good, or null.
    std::unique_ptr<ClientConnection> take_idle();

    // A new connection, or one that has become free while this waited for its turn: so many connect
    // at a time. Never null. Fails within Limits::connect_timeout after its turn.
    Task<Result<std::unique_ptr<ClientConnection>>> connect();

    // A turn to say a last word to the server: few have one at a time, so that each is heard,
    // however many leave at once. A bound comes from the fiber's deadline.
    Task<Result<async::Budget::Hold>> take_turn_to_leave();

    // Takes a connection back: keeps it if it is reusable, else closes it.
    void give_back(std::unique_ptr<ClientConnection> connection);

    // Nothing leads there from now on: connections that do break, also those that are taken.
    void deny(std::shared_ptr<const net::Networks> networks);

    // Closes everything, when what was taken has come back. Nothing is taken afterwards.
    Task<> close();

    const net::Destination& destination() const { return to_; }

private:
    void expire() override;
    void take(ClientConnection& connection, async::Visitors::Visit visit);
    void discard(std::unique_ptr<ClientConnection> connection);
    static Task<> finish(std::unique_ptr<ClientConnection> connection);

    net::Shard& shard_;
    net::Connector& connector_;
    net::Destination to_;
    Limits limits_;
    async::Gate gate_;
    async::Visitors out_;  // What was taken, and who waits for it.
    async::Budget connecting_;
    async::Budget leaving_;
    std::vector<std::unique_ptr<ClientConnection>> idle_;  // Used last at the end.
    boost::intrusive::list<ClientConnection, boost::intrusive::constant_time_size<false>> taken_;
};

}  // namespace gw::http
