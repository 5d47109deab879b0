#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "net/detached_stream.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gw::net {

// A connected byte stream. A port: Stream is the one over sockets, and tests have one of memory. It
// belongs to one shard. One read and one write may wait at the same time, each by one task. A wait
// that is cancelled leaves the stream fit only to be closed; finish() does that.
class ByteStream {
public:
    ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;
    virtual ~ByteStream() = default;  // No read may be pending: see finish().

    // Agrees with the other side on keys, and checks its certificate if this side is the client.
    // Without TLS it does nothing.
    virtual Task<Result<void>> handshake() = 0;

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

    // The same, and it is the end of what the other side sends, which may still read.
    bool is_half_closed() const;

    // Then there is nothing more to read, but something to learn: a read that ends, with a failure,
    // when the other side has gone as a whole. What is written to it brings that about.
    void start_reset_watch();

    class Reading final : public Suspension<Reading> {
    public:
        explicit Reading(ByteStream& stream) : stream_(stream) {}

        bool await_ready() const { return stream_.has_read(); }

        Result<std::size_t> await_resume();

        void cancel() override { stream_.cancel(); }

    private:
        friend class ByteStream;
        friend class Suspension<Reading>;

        void start();

        void refuse() { is_refused_ = true; }

        ByteStream& stream_;
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

    // Writes as much of `parts` as fits without waiting. True when all of it is written: this is
    // how nearly every message goes out. After false they are what is left, and nothing may be
    // written but that.
    virtual Result<bool> write_now(std::span<std::string_view> parts) = 0;

    // Waits until write_now(), which has returned false, can go on.
    virtual Task<Result<void>> wait_writable() = 0;

    // Writes what write_now() left, waiting until all of it is taken.
    Task<Result<void>> write_rest(std::span<std::string_view> parts);

    // Tells the other side that nothing more will be written; reading goes on.
    virtual void end_writing() = 0;

    // Ends the waits with Errc::cancelled.
    virtual void cancel() = 0;

    // Closes at once; waits end with Errc::cancelled. TLS says goodbye if there is room for it.
    virtual void close() = 0;

    // Closes, and returns when no read is pending: after it the stream may be destroyed. It waits
    // for a step of the loop at most, and no cancellation keeps it from that.
    Task<> finish();

    // Takes the connection off this shard, for another one; this stream is closed then. No read
    // may be pending and no write unfinished. Bytes that were read already are the caller's to
    // hand over.
    virtual DetachedStream detach() = 0;

    // False once it was closed or detached here; the other side may have gone while it is true.
    virtual bool is_open() const = 0;

    // Whether the other side has said that it sends nothing more, or has gone, as far as is known
    // now. What it sent before may not be read yet.
    virtual bool has_other_end_closed() const = 0;

    // Nothing has arrived that no read has taken, and the other side has not closed, as far as the
    // kernel knows now. For connections of which nobody expects anything.
    virtual bool is_quiet() = 0;

    // False where the end of what the other side sends is the end of the connection.
    virtual bool can_half_close() const = 0;

protected:
    bool is_read_pending() const { return read_.state == ReadState::pending; }

    // The pending read is over; from the event loop only.
    void read_ended(boost::system::error_code error, std::size_t bytes);

private:
    // Begins the read that has become the pending one.
    virtual void begin_read(std::span<char> room) = 0;

    // The same for start_reset_watch().
    virtual void begin_reset_watch() = 0;

    // What a read failed with.
    virtual Error failure_of(boost::system::error_code error);

    enum class ReadState : std::uint8_t { idle, pending, done };

    struct Read {
        ReadState state = ReadState::idle;
        std::size_t bytes = 0;
        boost::system::error_code error;
        Reading* waiter = nullptr;
    };

    Read read_;
    Observer* observer_ = nullptr;
};

// What an error of the operating system means.
Error to_error(boost::system::error_code error);

}  // namespace gw::net
