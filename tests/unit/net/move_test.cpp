#include "net/tls_context.hpp"
#include "support/certificate.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace gw::test {
namespace {

// A second shard, on a thread of its own.
struct OtherShard {
    explicit OtherShard(const Clock& clock) : shard(1, clock) {}

    ~OtherShard() { thread.join(); }

    net::Shard shard;
    async::Gate tasks{shard};
    std::thread thread{[this] { shard.run(); }};
};

// Answers what comes with the number of its shard, then ends, and the shard with it.
Task<> answer(net::Shard& shard, net::DetachedStream from) {
    net::Stream stream(shard.io(), std::move(from));
    const async::Deadline deadline(
        shard.wheel(), shard.now() + std::chrono::seconds(10), co_await this_fiber()
    );
    const auto text = co_await read(stream, 3);
    EXPECT_TRUE(co_await write(stream, text + " on " + std::to_string(shard.index())));
    co_await stream.finish();
    shard.stop();
}

// Answers once here, and leaves the rest to the other shard.
Task<> answer_and_move(
    net::Shard& here, OtherShard& there, net::DetachedStream from, std::unique_ptr<net::Tls> tls
) {
    net::Stream stream(from.take_socket(here.io()), std::move(tls));
    EXPECT_TRUE(co_await stream.handshake());
    const auto text = co_await read(stream, 3);
    EXPECT_TRUE(co_await write(stream, text + " on " + std::to_string(here.index())));
    there.shard.submit([&there, moving = stream.detach()]() mutable {
        there.tasks.spawn(answer(there.shard, std::move(moving)));
    });
    EXPECT_FALSE(stream.is_open());
}

Task<> ask(net::Shard& here, net::DetachedStream from, std::unique_ptr<net::Tls> tls) {
    net::Stream stream(from.take_socket(here.io()), std::move(tls));
    EXPECT_TRUE(co_await stream.handshake());
    EXPECT_TRUE(co_await write(stream, "onetwo"));  // Both at once: the second waits unread.
    EXPECT_EQ(co_await read(stream, 8), "one on 0");
    EXPECT_EQ(co_await read(stream, 100), "two on 1");
    co_await stream.finish();
}

class Move : public Loopback {
protected:
    OtherShard other{clock};
};

TEST_F(Move, a_connection_goes_on_on_another_shard) {
    auto [a, b] = sockets();
    tasks.spawn(answer_and_move(shard, other, std::move(a), nullptr));
    run(ask(shard, std::move(b), nullptr));
}

TEST_F(Move, tls_goes_on_with_its_connection) {
    const TemporaryFolder folder;
    write_certificate("a.example", folder / "cert", folder / "key");
    const auto server = *net::TlsServer::make({folder / "cert", folder / "key"}, {});
    const auto client = *net::TlsClient::make(folder / "cert");
    auto [a, b] = sockets();
    tasks.spawn(answer_and_move(shard, other, std::move(a), server->new_connection({})));
    run(ask(shard, std::move(b), client->new_connection("a.example")));
}

Task<> expect_end(net::Shard& shard, net::DetachedStream from) {
    net::Stream stream(shard.io(), std::move(from));
    EXPECT_EQ(co_await read(stream, 1), "");
    co_await stream.finish();
}

TEST_F(Loopback, a_connection_that_no_shard_takes_is_closed) {
    auto [a, b] = sockets();
    {
        net::Stream stream(shard.io(), std::move(a));
        const auto dropped = stream.detach();
    }
    run(expect_end(shard, std::move(b)));
}

}  // namespace
}  // namespace gw::test
