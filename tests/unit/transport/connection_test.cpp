#include "web/connection.hpp"

#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class Connection : public Serving {};

TEST_F(Connection, a_client_that_goes_on_taking_gets_all_of_it_however_long_that_takes) {
    let_answer(10'000);
    auto& client = connect(1000);
    post(client, call);
    for (int i = 0; i < 10; ++i) {
        pass(options.write_timeout - 1s);
        EXPECT_FALSE(client.is_closed) << i;
        client.take(1000);
    }
    pass(0s);
    EXPECT_EQ(count(client.taken, "z"), 10'000);
    pass(options.idle_timeout - 1s);
    EXPECT_FALSE(client.is_closed);
}

TEST_F(Connection, a_client_that_takes_nothing_for_too_long_is_cut_off) {
    let_answer(10'000);
    auto& client = connect(1000);
    post(client, call);
    pass(options.write_timeout - 1s);
    client.take(1000);
    pass(options.write_timeout - 1s);
    EXPECT_FALSE(client.is_closed);
    pass(2s);
    EXPECT_TRUE(client.is_closed);
    EXPECT_EQ(client.taken.size(), 2000);
}

TEST_F(Connection, a_stream_that_cannot_go_on_although_it_was_to_counts_as_one_that_takes_nothing) {
    let_answer(10'000);
    auto& client = connect(1000);
    post(client, call);
    for (auto time = 0s; time < options.write_timeout + 2s; time += 1s) {
        client.take(0);
        pass(1s);
    }
    EXPECT_TRUE(client.is_closed);
}

// The head of a request with a body of `size` bytes.
std::string head_of(std::size_t size, std::string_view token = "good") {
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + std::string(token) +
           "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
           "Content-Length: " +
           std::to_string(size) + "\r\n\r\n";
}

TEST_F(Connection, a_body_takes_of_the_budget_what_has_come_of_it_until_the_request_is_answered) {
    constexpr std::size_t size = 300'000;
    auto& client = connect();
    client.say(head_of(size));
    settle();
    EXPECT_EQ(budget.used(), 0) << "what is only announced takes nothing";
    client.say(std::string(size / 2, ' '));
    settle();
    EXPECT_GE(budget.used() + (2 * Buffer::usual), size / 2);
    EXPECT_LE(budget.used(), size);
    client.say(std::string((size / 2) - ping.size(), ' ') + std::string(ping));
    settle();
    EXPECT_EQ(count(client.taken, R"("id":8)"), 1) << client.taken;
    EXPECT_EQ(budget.used(), 0);
}

TEST_F(Connection, a_body_for_which_there_is_no_room_is_refused_and_the_client_can_read_why) {
    const auto others = budget.take_now(budget_bytes / 2);
    constexpr std::size_t size = 500'000;
    auto& client = connect();
    client.say(head_of(size) + std::string(size / 2, ' '));
    pass(500ms);
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 503 ")) << client.taken;
    EXPECT_TRUE(client.taken.contains("streams.buffered_bytes_max"));
    EXPECT_EQ(count(client.taken, "Retry-After: "), 1);
    EXPECT_EQ(budget.used(), budget_bytes / 2);
    auto& other = connect();
    post(other, call);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 200 ")) << "bodies leave room for others";
}

TEST_F(Connection, the_oldest_body_of_who_has_the_most_gives_way_to_that_of_another) {
    constexpr std::size_t size = 400'000;
    const auto half = std::string(size / 2, ' ');
    const auto rest = std::string((size / 2) - ping.size(), ' ') + std::string(ping);
    auto& oldest = connect();
    auto& second = connect();
    auto& third = connect();
    auto& refused = connect();
    for (auto* client : {&oldest, &second, &third, &refused}) {
        client->say(head_of(size) + half);
        pass(500ms);
    }
    EXPECT_TRUE(refused.taken.starts_with("HTTP/1.1 503 ")) << "no room, and all of it its owner's";
    EXPECT_EQ(count(refused.taken, "bodies of yours"), 0);
    EXPECT_EQ(oldest.taken + second.taken + third.taken, "");
    auto& other = connect();
    other.say(head_of(size / 2, "other") + rest);
    pass(100ms);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 200 ")) << other.taken;
    EXPECT_TRUE(oldest.taken.starts_with("HTTP/1.1 503 ")) << oldest.taken;
    EXPECT_TRUE(oldest.taken.contains("bodies of yours")) << oldest.taken;
    EXPECT_EQ(count(oldest.taken, "Retry-After: "), 1);
    for (auto* client : {&second, &third}) {
        client->say(rest);
        settle();
        EXPECT_TRUE(client->taken.starts_with("HTTP/1.1 200 ")) << client->taken;
    }
    EXPECT_EQ(budget.used(), 0);
}

// A client that makes one request after the other is never refused, though another shard has just
// answered the one before.
TEST_F(Connection, a_request_waits_a_moment_for_a_place_that_another_shard_gives_back) {
    in_flight.set_max(1);
    auto& share = in_flight.share(1);
    share.poke = [] {};
    std::optional place(share.hold(1));
    auto& client = connect();
    post(client, ping);
    pass(20ms);
    EXPECT_EQ(client.taken, "");
    EXPECT_EQ(server().in_flight(), 0);
    place.reset();
    pass(30ms);
    EXPECT_EQ(count(client.taken, R"("id":8)"), 1) << client.taken;
    EXPECT_EQ(server().in_flight(), 0);
}

TEST_F(Connection, a_request_counts_in_flight_from_its_head_on) {
    auto& client = connect();
    settle();
    EXPECT_EQ(server().in_flight(), 0);
    client.say(head_of(ping.size()));
    settle();
    EXPECT_EQ(server().in_flight(), 1);
    in_flight.set_max(1);
    auto& other = connect();
    post(other, ping);
    pass(100ms);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 503 ")) << other.taken;
    EXPECT_TRUE(other.taken.contains("limits.in_flight_max"));
    client.say(ping);
    settle();
    EXPECT_EQ(count(client.taken, R"("id":8)"), 1);
    EXPECT_EQ(server().in_flight(), 0);
    client.taken.clear();
    post(client, ping);
    EXPECT_EQ(count(client.taken, R"("id":8)"), 1);
}

TEST_F(Connection, the_slowest_client_is_cut_off_before_another_one_is_refused) {
    constexpr std::size_t size = 300'000;
    gh.answer = [this] {
        return mcp::Completed{
            Slice("\"" + std::string(size, 'z') + "\""),
            std::make_shared<async::Budget::Hold>(budget.take_now(size))
        };
    };
    auto& slowest = connect(1000);
    post(slowest, call);
    pass(3s);
    auto& slow = connect(1000);
    post(slow, call);
    pass(4s);
    slow.take(1000);
    auto& fresh = connect(1000);
    post(fresh, call);
    EXPECT_EQ(budget.used(), 3 * size);
    const auto others = budget.take_now(budget_bytes - (3 * size));
    gh.answer = [] { return completed("\"small\""); };
    auto& other = connect();
    post(other, call);
    EXPECT_TRUE(slowest.is_closed);
    EXPECT_FALSE(slow.is_closed);
    pass(2 * async::Wheel::tick);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 200 ")) << other.taken;
    EXPECT_EQ(count(logged, "a slow client, peer, is cut off"), 1) << logged;
    const auto more = budget.take_now(size);
    other.taken.clear();
    post(other, call);
    pass(2 * async::Wheel::tick);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 200 ")) << other.taken;
    EXPECT_TRUE(slow.is_closed);
    const auto rest = budget.take_now(size);
    other.taken.clear();
    post(other, call);
    pass(2 * async::Wheel::tick);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 503 ")) << "a client that began now is not slow";
    EXPECT_FALSE(fresh.is_closed);
}

TEST_F(Connection, a_client_that_reads_well_is_not_cut_off_however_short_bytes_are) {
    constexpr std::size_t size = 300'000;
    let_answer(size);
    auto& reads = connect(1000);
    post(reads, call);
    for (auto time = 0s; time < 10s; time += 1s) {
        reads.take(size / 20);  // All of it within 20 seconds.
        pass(1s);
    }
    const auto others = budget.take_now(budget_bytes);
    auto& other = connect();
    post(other, call);
    pass(300ms);
    EXPECT_TRUE(other.taken.starts_with("HTTP/1.1 503 ")) << other.taken;
    EXPECT_FALSE(reads.is_closed);
}

TEST_F(Connection, the_next_request_waits_for_the_answer_before_it) {
    let_answer(10'000);
    auto& client = connect(1000);
    post(client, call);
    post(client, ping);
    EXPECT_EQ(count(client.taken, R"("id":8)"), 0);
    client.take(100'000);
    settle();
    EXPECT_LT(client.taken.find(R"("id":7)"), client.taken.find(R"("id":8)"));
}

}  // namespace
}  // namespace gw::test
