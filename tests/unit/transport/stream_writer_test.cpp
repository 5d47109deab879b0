#include "transport/stream_writer.hpp"

#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// A client with a session, and its GET stream.
class StreamWriter : public Serving {
protected:
    async::Event answers{shard};  // Calls end when it is set.

    void append(std::size_t size) {
        session->get_stream().append(Slice("\"" + std::string(size, 'z') + "\""), clock.now());
        settle();
    }
};

constexpr std::size_t small = 100;
constexpr std::size_t large = 100'000;  // It is written from where it is.

TEST_F(StreamWriter, counts_an_event_of_any_size_as_delivered_once_it_is_written) {
    open();
    auto& client = listen();
    for (const auto size : {large, small, large, large}) {
        append(size);
        EXPECT_EQ(session->get_stream().delivered, session->get_stream().last()) << size;
    }
    EXPECT_EQ(count(client.taken, "z"), 3 * large + small);
}

TEST_F(StreamWriter, does_not_count_an_event_before_all_of_it_is_written) {
    open();
    auto& client = listen();
    client.room = 1000;
    append(large);
    EXPECT_EQ(session->get_stream().delivered, 0);
    client.take(2 * large);
    settle();
    EXPECT_EQ(session->get_stream().delivered, 1);
}

TEST_F(StreamWriter, a_new_get_stream_does_not_repeat_what_was_delivered) {
    open();
    listen();
    append(large);
    append(large);
    auto& again = listen();
    EXPECT_EQ(count(again.taken, "text/event-stream"), 1);
    EXPECT_EQ(count(again.taken, "z"), 0);
    append(small);
    EXPECT_EQ(count(again.taken, "z"), small);
}

TEST_F(StreamWriter, one_that_resumes_gets_large_events_again_after_the_last_that_it_names) {
    open();
    listen();
    append(large);
    append(large);
    auto& again = listen("Last-Event-ID: 0-1\r\n");
    EXPECT_EQ(count(again.taken, "z"), large);
}

TEST_F(StreamWriter, says_how_many_events_a_client_has_lost_between_large_ones) {
    streams.events_max = 2;
    open();
    auto& client = listen();
    client.room = 1000;
    for (int i = 0; i < 5; ++i)
        append(large);
    client.take(10 * large);
    settle();
    append(small);
    EXPECT_EQ(session->get_stream().delivered, 6);
    EXPECT_EQ(count(client.taken, R"({"lostEvents":2})"), 1);
    EXPECT_EQ(count(client.taken, "z"), 3 * large + small);
    EXPECT_FALSE(client.is_closed);
}

TEST_F(StreamWriter, a_stream_does_not_grow_behind_a_large_event_of_which_a_byte_goes_at_a_time) {
    streams.bytes_max = 3 * large;
    open();
    auto& client = listen();
    client.room = 1000;
    append(large);
    for (int i = 0; i < 100; ++i) {
        append(large / 10);
        client.take(1);
        settle();
        ASSERT_LE(session->get_stream().bytes(), streams.bytes_max);
        ASSERT_LE(budget.used(), streams.bytes_max + large + small);
    }
    EXPECT_FALSE(client.is_closed);
    client.take(10 * large);
    settle();
    EXPECT_EQ(session->get_stream().delivered, session->get_stream().last());
    EXPECT_EQ(count(client.taken, "lostEvents"), 1);
}

TEST_F(StreamWriter, what_was_delivered_gives_way_to_a_call) {
    open();
    listen();
    append(large);
    const auto others = budget.take_now(budget_bytes - budget.used());
    auto& client = connect();
    post(client, call, session_header);
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 200 ")) << client.taken;
    EXPECT_EQ(session->get_stream().find(1), nullptr);
}

Task<> take(async::Budget& budget, std::size_t size) {
    std::ignore = co_await budget.take(size);
}

TEST_F(StreamWriter, a_call_is_refused_at_once_while_the_budget_is_full_or_waited_for) {
    open();
    auto& client = connect();
    const auto expect_refused = [&] {
        client.taken.clear();
        post(client, call, session_header);
        EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 503 ")) << client.taken;
        EXPECT_EQ(count(client.taken, "streams.buffered_bytes_max"), 1);
        EXPECT_TRUE(gh.received.empty());
    };
    {
        const auto others = budget.take_now(budget_bytes);
        expect_refused();
    }
    async::Gate gate(shard);
    {
        const auto others = budget.take_now(budget_bytes - small);
        gate.spawn(take(budget, 2 * small));
        settle();
        expect_refused();
    }
    settle();
    client.taken.clear();
    post(client, call, session_header);
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 200 ")) << client.taken;
    EXPECT_EQ(gh.received.size(), 1);
    EXPECT_EQ(gate.running(), 0);
}

// What is delivered does not keep others from being served.
TEST_F(StreamWriter, large_answers_on_streams_do_not_fill_the_budget) {
    open();
    let_answer(50'000);
    gh.answers = &answers;
    auto& client = connect();
    for (int i = 0; i < 100; ++i) {
        client.taken.clear();
        post(client, call, session_header);
        pass(mcp_options.sse_after + 40ms);
        answers.set();
        settle();
        ASSERT_EQ(count(client.taken, "z"), 50'000) << i << client.taken.substr(0, 500);
    }
    EXPECT_LT(budget.used(), budget_bytes / 2);
}

}  // namespace
}  // namespace gw::test
