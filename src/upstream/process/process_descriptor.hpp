#pragma once

#include "base/error.hpp"
#include "base/task.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace gw::upstream {

// A file descriptor that can be waited for: our end of a pipe to a child, or a pidfd. It belongs to
// one shard. One task at a time waits for it, and has returned before this is destroyed.
class Descriptor {
public:
    // Owns `number`, an open descriptor, and makes it non-blocking. `io` is the shard's, and
    // outlives it.
    Descriptor(boost::asio::io_context& io, int number);

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    // What readable() and writable() return, to be awaited at once.
    class Ready final : public Suspension<Ready> {
    public:
        bool await_ready() const { return !of_.is_open(); }

        bool await_resume() const { return is_ready_; }

        void cancel() override { of_.cancel(); }

    private:
        friend class Descriptor;
        friend class Suspension<Ready>;

        using What = boost::asio::posix::descriptor_base::wait_type;

        Ready(Descriptor& of, What what) : of_(of), what_(what) {}

        void start();

        void refuse() {}

        Descriptor& of_;
        What what_;
        bool is_ready_ = false;
    };

    // co_await descriptor.readable(): true when there is something to read, which may be the end;
    // false when the wait was cancelled or the descriptor closed.
    Ready readable() { return {*this, Ready::What::wait_read}; }

    // The same for room to write; also true when the other end is closed, so that write_now()
    // fails.
    Ready writable() { return {*this, Ready::What::wait_write}; }

    // Reads without waiting. How many bytes came: 0 at the end, nothing when there are none now.
    // Errc::upstream_failed for any error of the system. `room` is not empty.
    Result<std::optional<std::size_t>> read_now(std::span<char> room);

    // Writes without waiting. How many of the bytes were taken; 0 when there is no room now.
    // Errc::upstream_failed for any error of the system, such as a closed other end.
    Result<std::size_t> write_now(std::string_view bytes);

    // False after close() or release().
    bool is_open() const { return descriptor_.is_open(); }

    // Ends the wait, if there is one: it returns false from the loop.
    void cancel();

    // Closes at once, and ends the wait as cancel() does.
    void close();

    // Gives the number away, open, while nobody waits for it.
    int release() { return descriptor_.release(); }

private:
    boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace gw::upstream
