#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// Clients that are refused before they have sent everything.
class Linger : public Serving {
protected:
    Linger() { connections.set_max(2000); }

    // A request that nobody may make, of which `sent` bytes of the body have come.
    FarSide& refused(std::size_t size, std::size_t sent, std::string_view more = {}) {
        auto& client = connect();
        client.say(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
            std::string(more) + "Content-Length: " + std::to_string(size) + "\r\n\r\n" +
            std::string(sent, ' ')
        );
        settle();
        EXPECT_EQ(count(client.taken, "HTTP/1.1 401 "), 1) << client.taken;
        return client;
    }

    static constexpr std::size_t large = 1'000'000;
};

TEST_F(Linger, what_a_refused_client_still_sends_is_discarded_until_it_has_seen_the_end) {
    auto& client = refused(large, 100);
    EXPECT_EQ(count(client.taken, "Connection: close\r\n"), 1);
    EXPECT_TRUE(client.has_end);
    for (int i = 0; i < 10; ++i) {
        client.say(std::string(large / 10, ' '));
        pass(1s);
        EXPECT_FALSE(client.is_closed) << i;
        EXPECT_EQ(client.unread.size(), 0) << i;
    }
    client.leave();
    settle();
    EXPECT_TRUE(client.is_closed);
    EXPECT_EQ(count(client.taken, "HTTP/1.1 "), 1) << "what it sent was no request";
}

TEST_F(Linger, a_client_that_is_silent_is_not_waited_for_longer) {
    auto& client = refused(large, 100);
    pass(4s);
    client.say(" ");
    pass(4s);
    EXPECT_FALSE(client.is_closed);
    pass(2s);
    EXPECT_TRUE(client.is_closed);
}

TEST_F(Linger, a_client_that_sends_for_ever_is_cut_off) {
    auto& client = refused(large, 100);
    for (int i = 0; i < 28; ++i) {
        client.say(" ");
        pass(1s);
    }
    EXPECT_FALSE(client.is_closed);
    client.say(" ");
    pass(3s);
    EXPECT_TRUE(client.is_closed);
}

TEST_F(Linger, so_many_at_a_time_and_the_others_are_closed_at_once) {
    for (int i = 0; i < 1000; ++i)
        ASSERT_FALSE(refused(large, 100).is_closed) << i;
    EXPECT_TRUE(refused(large, 100).is_closed);
    clients.front()->leave();
    settle();
    EXPECT_FALSE(refused(large, 100).is_closed);
}

TEST_F(Linger, a_client_that_has_sent_everything_may_go_on) {
    auto& client = refused(100, 100);
    EXPECT_FALSE(client.has_end);
    client.taken.clear();
    post(client, ping);
    EXPECT_EQ(count(client.taken, "HTTP/1.1 200 "), 1);
}

TEST_F(Linger, a_client_that_asks_first_sends_nothing_and_is_closed) {
    EXPECT_TRUE(refused(large, 0, "Expect: 100-continue\r\n").is_closed);
}

TEST_F(Linger, a_head_that_cannot_be_read_is_refused_in_the_same_way) {
    auto& client = connect();
    client.say("NONSENSE\r\n\r\n");
    settle();
    EXPECT_EQ(count(client.taken, "HTTP/1.1 400 "), 1) << client.taken;
    EXPECT_TRUE(client.has_end && !client.is_closed);
    client.leave();
    settle();
    EXPECT_TRUE(client.is_closed);
}

TEST_F(Linger, a_client_that_cannot_be_written_to_is_not_waited_for) {
    auto& client = connect(10);
    client.say("NONSENSE\r\n\r\n");
    pass(options.write_timeout + 1s);
    EXPECT_TRUE(client.is_closed);
}

TEST_F(Linger, the_end_of_the_gateway_does_not_wait_for_it) {
    refused(large, 100);
    server().drain();
    EXPECT_EQ(server().in_flight(), 0);
    settle();
    EXPECT_TRUE(clients.front()->is_closed);
}

// A request that is still coming when the gateway ends.
TEST_F(Linger, a_request_that_comes_by_half_is_waited_for_and_then_refused_as_unavailable) {
    auto& client = connect();
    client.say(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
        "Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: 100\r\n\r\n{"
    );
    settle();
    server().drain();
    settle();
    EXPECT_EQ(server().in_flight(), 1);
    EXPECT_EQ(client.taken, "");
    async::Gate gate(shard);
    gate.spawn(server().close());
    settle();
    EXPECT_EQ(count(client.taken, "HTTP/1.1 503 "), 1) << client.taken;
    EXPECT_EQ(count(client.taken, "Connection: close\r\n"), 1);
    EXPECT_EQ(server().in_flight(), 0);
}

}  // namespace
}  // namespace gw::test
