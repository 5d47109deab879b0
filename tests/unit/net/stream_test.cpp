#include "net/stream.hpp"

#include "async/sleep.hpp"
#include "net/tls_context.hpp"
#include "support/certificate.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// Two ends of one connection.
struct Pair {
    Pair(
        net::Socket first,
        std::unique_ptr<net::Tls> server,
        net::Socket second,
        std::unique_ptr<net::Tls> client
    )
        : a(std::move(first), std::move(server)), b(std::move(second), std::move(client)) {}

    net::Stream a;
    net::Stream b;

    Task<> finish() {
        co_await a.finish();
        co_await b.finish();
    }
};

Task<> shake(net::Stream& stream) {
    EXPECT_TRUE(co_await stream.handshake());
}

// Everything here holds with TLS and without.
class Stream : public Loopback, public testing::WithParamInterface<const char*> {
protected:
    std::unique_ptr<Pair> pair;

    void SetUp() override {
        auto [a, b] = sockets();
        auto at_server = server_tls();  // It makes the certificate that the client trusts.
        pair = std::make_unique<Pair>(
            a.take_socket(shard.io()), std::move(at_server), b.take_socket(shard.io()), client_tls()
        );
        run(shake_both());
    }

private:
    bool has_tls() const { return GetParam() == std::string_view("tls"); }

    std::unique_ptr<net::Tls> server_tls() {
        if (!has_tls()) return nullptr;
        write_certificate("a.example", folder_ / "cert", folder_ / "key");
        server_ = *net::TlsServer::make({folder_ / "cert", folder_ / "key"}, {});
        return server_->new_connection(shard.now());
    }

    std::unique_ptr<net::Tls> client_tls() {
        if (!has_tls()) return nullptr;
        client_ = *net::TlsClient::make(folder_ / "cert");
        return client_->new_connection("a.example");
    }

    Task<> shake_both() {
        async::Gate gate(shard);
        gate.spawn(shake(pair->a));
        co_await shake(pair->b);
        while (gate.running() > 0)
            co_await async::sleep_until(shard, shard.wheel(), shard.now());
    }

    TemporaryFolder folder_;
    std::unique_ptr<net::TlsServer> server_;
    std::unique_ptr<net::TlsClient> client_;
};

INSTANTIATE_TEST_SUITE_P(Each, Stream, testing::Values("plain", "tls"), [](const auto& info) {
    return info.param;
});

Task<> say(Pair& pair) {
    EXPECT_TRUE(co_await write(pair.a, "ping"));
    EXPECT_EQ(co_await read(pair.b, 4), "ping");
    EXPECT_TRUE(co_await write(pair.b, "pong"));
    EXPECT_EQ(co_await read(pair.a, 4), "pong");
    pair.a.close();
    EXPECT_EQ(co_await read(pair.b, 1), "") << "the end";
    EXPECT_FALSE(pair.a.is_open());
    co_await pair.finish();
}

TEST_P(Stream, carries_bytes_both_ways_and_the_end) {
    run(say(*pair));
}

std::string many_bytes(std::size_t size) {
    std::string text(size, '\0');
    unsigned state = 1;
    for (auto& c : text) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

Task<> write_many(net::Stream& stream, const std::string& text, bool& had_to_wait) {
    const std::string_view all = text;
    std::array parts{
        all.substr(0, 10), all.substr(10, 40'000), all.substr(40'010), all.substr(0, 0)
    };
    const auto is_done = stream.write_now(parts);
    EXPECT_TRUE(is_done.has_value());
    had_to_wait = is_done && !*is_done;
    EXPECT_TRUE(co_await stream.write_rest(parts));
    stream.close();
}

Task<> transfer(Pair& pair, async::Gate& tasks) {
    const auto sent = many_bytes(3'000'000);
    bool had_to_wait = false;
    tasks.spawn(write_many(pair.a, sent, had_to_wait));
    const auto received = co_await read(pair.b, sent.size() + 1);
    EXPECT_TRUE(received == sent) << received.size() << " bytes";
    EXPECT_TRUE(had_to_wait);
    co_await pair.finish();
}

TEST_P(Stream, writes_more_than_fits_in_order_while_the_other_side_reads) {
    run(transfer(*pair, tasks));
}

Task<> read_in_small_rooms(Pair& pair) {
    EXPECT_TRUE(co_await write(pair.a, "0123456789"));
    EXPECT_EQ(co_await read(pair.b, 3), "012");
    EXPECT_FALSE(pair.b.is_quiet());
    EXPECT_TRUE(co_await pair.b.wait_readable());
    EXPECT_EQ(co_await read(pair.b, 7), "3456789");
    EXPECT_TRUE(pair.b.is_quiet());
    co_await pair.finish();
}

TEST_P(Stream, keeps_what_did_not_fit_for_the_next_read) {
    run(read_in_small_rooms(*pair));
}

Task<> read_ahead(Pair& pair, net::Shard& shard) {
    std::array<char, 8> room{};
    pair.b.start_read(room);
    EXPECT_TRUE(pair.b.is_reading());
    EXPECT_FALSE(pair.b.has_read());
    EXPECT_TRUE(co_await write(pair.a, "early"));
    while (!pair.b.has_read())
        co_await async::sleep_until(shard, shard.wheel(), shard.now());
    EXPECT_TRUE(pair.b.is_reading());
    const auto got = co_await pair.b.finish_read();
    EXPECT_TRUE(got.has_value());
    EXPECT_EQ(std::string_view(room.data(), got.value_or(0)), "early");
    EXPECT_FALSE(pair.b.is_reading());
    co_await pair.finish();
}

TEST_P(Stream, reads_into_the_room_while_its_task_does_something_else) {
    run(read_ahead(*pair, shard));
}

Task<> read_until(Pair& pair, net::Shard& shard) {
    const async::Deadline deadline(shard.wheel(), shard.now() + 20ms, co_await this_fiber());
    EXPECT_EQ(co_await read(pair.b, 1), "<cancelled: the request was withdrawn>");
    EXPECT_TRUE(deadline.has_expired());
    co_await pair.finish();
}

TEST_P(Stream, a_deadline_ends_a_read) {
    run(read_until(*pair, shard));
}

Task<> write_until(Pair& pair, net::Shard& shard) {
    const async::Deadline deadline(shard.wheel(), shard.now() + 20ms, co_await this_fiber());
    const auto text = many_bytes(3'000'000);
    const auto written = co_await write(pair.a, text);
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().kind, Errc::cancelled);
    co_await pair.finish();
}

TEST_P(Stream, a_deadline_ends_a_write_that_nobody_reads) {
    run(write_until(*pair, shard));
}

Task<> read_forever(net::Stream& stream, std::string& outcome) {
    outcome = co_await read(stream, 1);
    outcome += co_await read(stream, 1);  // Refused, and left pending.
    outcome += stream.is_reading() ? "reading" : "idle";
    co_await stream.finish();
    outcome += stream.is_reading() ? " reading" : " idle";
}

Task<> cancel_reader(Pair& pair, net::Shard& shard, std::string& outcome) {
    async::Gate gate(shard);
    gate.spawn(read_forever(pair.b, outcome));
    co_await async::sleep_until(shard, shard.wheel(), shard.now());
    co_await gate.close();
    co_await pair.finish();
}

TEST_P(Stream, finish_leaves_no_read_behind_in_a_cancelled_task) {
    std::string outcome;
    run(cancel_reader(*pair, shard, outcome));
    EXPECT_EQ(
        outcome,
        "<cancelled: the request was withdrawn><cancelled: the request was withdrawn>reading idle"
    );
}

Task<> finish_unawaited(Pair& pair) {
    std::array<char, 8> room{};
    pair.b.start_read(room);
    co_await pair.finish();
    EXPECT_FALSE(pair.b.is_reading());
}

TEST_P(Stream, finish_ends_a_read_that_nobody_awaits) {
    run(finish_unawaited(*pair));
}

Task<> be_quiet(Pair& pair) {
    EXPECT_TRUE(pair.b.is_quiet());
    pair.a.close();
    EXPECT_FALSE(pair.b.is_quiet());
    EXPECT_TRUE(co_await pair.b.wait_readable());
    co_await pair.finish();
    EXPECT_FALSE(pair.b.is_quiet());
}

TEST_P(Stream, is_quiet_until_the_other_side_closes) {
    run(be_quiet(*pair));
}

Task<> say_late(Pair& pair, net::Shard& shard) {
    co_await async::sleep_until(shard, shard.wheel(), shard.now() + 20ms);
    EXPECT_TRUE(co_await write(pair.a, "x"));
}

Task<> wait_for_bytes(Pair& pair, net::Shard& shard, async::Gate& tasks) {
    tasks.spawn(say_late(pair, shard));
    EXPECT_TRUE(co_await pair.b.wait_readable());
    EXPECT_FALSE(pair.b.is_quiet());
    EXPECT_EQ(co_await read(pair.b, 1), "x");
    co_await pair.finish();
}

TEST_P(Stream, waits_without_a_buffer) {
    run(wait_for_bytes(*pair, shard, tasks));
}

Task<> half_close(Pair& pair) {
    EXPECT_TRUE(co_await write(pair.a, "question"));
    pair.a.end_writing();
    EXPECT_EQ(co_await read(pair.b, 100), "question");
    EXPECT_TRUE(co_await write(pair.b, "answer"));
    pair.b.close();
    EXPECT_EQ(co_await read(pair.a, 100), "answer");
    co_await pair.finish();
}

TEST_P(Stream, can_still_read_when_it_has_ended_writing) {
    run(half_close(*pair));
}

Task<> write_to_nobody(Pair& pair) {
    pair.b.close();
    const std::string text(100, 'x');
    auto written = co_await write(pair.a, text);
    if (written) written = co_await write(pair.a, text);
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().kind, Errc::upstream_failed);
    EXPECT_EQ(written.error().text, "the connection broke");
    EXPECT_NE(written.error().detail, "");
    co_await pair.finish();
}

TEST_P(Stream, a_write_to_a_closed_connection_fails_and_raises_no_signal) {
    run(write_to_nobody(*pair));
}

Task<> use_closed(Pair& pair) {
    pair.a.close();
    EXPECT_TRUE((co_await read(pair.a, 1)).starts_with("<"));
    EXPECT_FALSE(co_await write(pair.a, "x"));
    EXPECT_FALSE(co_await pair.a.wait_readable() && !pair.a.is_tls());
    co_await pair.finish();
}

TEST_P(Stream, a_closed_stream_fails_at_everything) {
    run(use_closed(*pair));
}

}  // namespace
}  // namespace gw::test
