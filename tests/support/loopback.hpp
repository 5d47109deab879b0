#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "async/sleep.hpp"
#include "base/clock.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace gw::test {

// Runs tasks of a test on a real shard, on the test's own thread, with real sockets. A task that
// does not end in time is cancelled, and the test fails.
class Loopback : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{10};

    SystemClock clock;
    net::Shard shard{0, clock};
    async::Gate tasks{shard};  // For what runs beside the body of the test.

    // Runs `body`, then ends the other tasks.
    void run(Task<> body) {
        async::Gate outer(shard);
        outer.spawn(bounded(std::move(body)));
        shard.io().restart();
        shard.run();
    }

    // A connected pair of sockets.
    std::pair<net::DetachedStream, net::DetachedStream> sockets() {
        std::array<int, 2> ends{};
        const int type = SOCK_STREAM | SOCK_CLOEXEC;
        EXPECT_EQ(::socketpair(AF_UNIX, type, 0, ends.data()), 0);
        return {net::DetachedStream(ends[0]), net::DetachedStream(ends[1])};
    }

private:
    Task<> bounded(Task<> body) {
        {
            const async::Deadline deadline(
                shard.wheel(), shard.now() + patience, co_await this_fiber()
            );
            co_await body;
            EXPECT_FALSE(deadline.has_expired()) << "the test took too long";
        }
        tasks.cancel();
        while (tasks.running() > 0) {
            co_await async::sleep_until(shard, shard.wheel(), shard.now());
        }
        shard.stop();
    }
};

// Writes all of `text`.
inline Task<Result<void>> write(net::Stream& stream, std::string_view text) {
    std::array<std::string_view, 1> parts{text};
    co_return co_await stream.write_rest(parts);
}

// Reads `size` bytes, or fewer if the stream ends before. A failure is text in angle brackets.
inline Task<std::string> read(net::Stream& stream, std::size_t size) {
    std::string text(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        const auto got = co_await stream.read(std::span(text).subspan(filled));
        if (!got) {
            co_return text.substr(0, filled) + "<" + to_string(got.error()) + ">";
        }
        if (*got == 0) break;
        filled += *got;
    }
    text.resize(filled);
    co_return text;
}

}  // namespace gw::test
