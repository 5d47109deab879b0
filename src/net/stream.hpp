#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "net/detached_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/socket_base.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gw::net {

class Tls;

// A connected byte stream: TCP or a Unix socket, with TLS on it or not. It belongs to one shard.
// One read and one write may wait at the same time, each by one task. A wait that is cancelled
// leaves the stream fit only to be closed; finish() does that.
class Stream {
public:
    using Socket = net::Socket;

    explicit Stream(Socket socket);

    // `tls` may be null. It is new, and then handshake() comes first.
    Stream(Socket socket, std::unique_ptr<Tls> tls);

    // Goes on with a connection that another shard detached. `io` is that of the new shard.
    Stream(boost::asio::io_context& io, DetachedStream from);

    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();  // No read may be pending: see finish().

    // Puts TLS on a connection that has spoken plainly so far, as behind a proxy.
    void start_tls(std::unique_ptr<Tls> tls);

    bool is_tls() const { return tls_ != nullptr; }

    // Agrees with the other side on keys, and checks its certificate if this side is the client.
    // Without TLS it does nothing.
    Task<Result<void>> handshake();

    // Begins to read into `room`, which is not empty and stays valid until the read ends, and
    // returns at once.
    void start_read(std::span<char> room);

    // True from start_read() until finish_read() has given its result.
    bool is_reading() const { return read_.state != ReadState::idle; }

    // True when finish_read() would not wait: bytes, the end, or a failure are there.
    bool has_read() const { return read_.state == ReadState::done; }

    // The same, and what is there is not bytes.
    bool has_read_end() const {
        return has_read() && (read_.bytes == 0 || static_cast<bool>(read_.error));
    }

    class Reading final : public Suspension<Reading> {
    public:
        explicit Reading(Stream& stream) : stream_(stream) {}

        bool await_ready() const { return stream_.has_read(); }

        Result<std::size_t> await_resume();

        void cancel() override { stream_.cancel(); }

    private:
        friend class Stream;
        friend class Suspension<Reading>;

        void start();

        void refuse() { is_refused_ = true; }

        Stream& stream_;
        bool is_refused_ = false;
    };

    // co_await stream.finish_read(): how many bytes came; 0 is the end of the stream. Errc::
    // cancelled when the wait was cancelled, Errc::upstream_failed when the connection broke, which
    // for TLS includes an end that the other side did not announce.
    Reading finish_read() { return Reading(*this); }

    // Is told when a read has ended while no task waits for it: who has something else to wait for
    // learns so that the other side has left. It must not resume anything inside.
    class Observer {
    public:
        virtual void read_has_ended() = 0;

    protected:
        ~Observer() = default;
    };

    // Null for none.
    void set_observer(Observer* observer) { observer_ = observer; }

    // Both at once.
    Reading read(std::span<char> room) {
        start_read(room);
        return finish_read();
    }

    // Writes as much of `parts` as fits without waiting, and drops it from them. True when all of
    // it is written. This is how nearly every message goes out. After false nothing may be written
    // before write_rest() has written these parts.
    Result<bool> write_now(std::span<std::string_view> parts);

    // Writes what write_now() left, waiting until all of it is taken.
    Task<Result<void>> write_rest(std::span<std::string_view> parts);

    // Waits until the stream can be read or has ended, without a buffer: for streams on which the
    // other side says nothing. No read may be pending.
    Task<Result<void>> wait_readable();

    // Ends the waits with Errc::cancelled.
    void cancel();

    // Tells the other side that nothing more will be written; reading goes on.
    void end_writing();

    // Closes at once; waits end with Errc::cancelled. TLS says goodbye if there is room for it.
    void close();

    // Closes, and returns when no read is pending: after it the stream may be destroyed. It waits
    // for a step of the loop at most, and no cancellation keeps it from that.
    Task<> finish();

    // Takes the connection off this shard, for another one; this stream is closed then. No read
    // may be pending and no write unfinished. Bytes that were read already are the caller's to
    // hand over.
    DetachedStream detach();

    bool is_open() const { return socket_.is_open(); }

    // Nothing has arrived and the other side has not closed, as far as the kernel knows now. For a
    // connection taken out of a pool.
    bool is_quiet();

    Socket& socket() { return socket_; }

private:
    enum class ReadState : std::uint8_t { idle, pending, done };

    struct Read {
        ReadState state = ReadState::idle;
        std::size_t bytes = 0;
        boost::system::error_code error;
        Reading* waiter = nullptr;
    };

    void read_ended(boost::system::error_code error, std::size_t bytes);
    void decrypt();
    void decrypt_when(boost::asio::socket_base::wait_type ready);
    Result<bool> write_encrypted(std::span<std::string_view> parts);
    bool has_arrived();

    Socket socket_;
    std::unique_ptr<Tls> tls_;
    Read read_;
    Observer* observer_ = nullptr;
};

// What an error of the operating system means.
Error to_error(boost::system::error_code error);

}  // namespace gw::net
