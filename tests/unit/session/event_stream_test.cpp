#include "session/event_stream.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class EventStream : public testing::Test {
protected:
    ManualLoop loop;
    async::Budget budget{loop, 1000};
    session::StreamLimits limits{.events_max = 3, .bytes_max = 100, .age_max = 60s};
    session::KeptStreams kept;
    const std::string owner = "ann";
    std::optional<session::EventStream> stream{std::in_place, 4, owner, limits, loop, budget, kept};
    TimePoint now;

    void append(std::string text) { stream->append(Slice(std::move(text)), now); }

    // What a client that has seen `sequence` gets: how many are lost, and the rest.
    std::string replay(std::uint64_t sequence) const {
        const auto lost = stream->lost_after(sequence);
        std::string text = lost == 0 ? "" : "-" + std::to_string(lost);
        for (auto at = sequence + lost + 1; const auto* event = stream->find(at); ++at) {
            text += (text.empty() ? "" : " ") + event->message.text();
        }
        return text;
    }
};

TEST_F(EventStream, replays_what_came_after_any_event_and_only_that) {
    append("a");
    append("b");
    append("c");
    EXPECT_EQ(replay(0), "a b c");
    EXPECT_EQ(replay(1), "b c");
    EXPECT_EQ(replay(3), "");
    EXPECT_EQ(stream->last(), 3);
}

TEST_F(EventStream, has_nothing_before_the_first_event) {
    EXPECT_EQ(stream->last(), 0);
    EXPECT_EQ(stream->find(0), nullptr);
    EXPECT_EQ(stream->find(1), nullptr);
    EXPECT_EQ(stream->lost_after(0), 0);
}

TEST_F(EventStream, keeps_so_many_events_and_says_how_many_are_lost) {
    for (const auto* text : {"a", "b", "c", "d", "e"})
        append(text);
    EXPECT_EQ(replay(0), "-2 c d e");
    EXPECT_EQ(replay(1), "-1 c d e");
    EXPECT_EQ(replay(2), "c d e");
    EXPECT_EQ(replay(4), "e");
    EXPECT_EQ(stream->find(2), nullptr);
}

TEST_F(EventStream, numbers_go_on_over_any_number_of_events) {
    for (int i = 1; i <= 1000; ++i) {
        append(std::to_string(i));
        ASSERT_EQ(stream->last(), static_cast<std::uint64_t>(i));
        ASSERT_EQ(stream->find(stream->last())->message.text(), std::to_string(i));
    }
    EXPECT_EQ(replay(0), "-997 998 999 1000");
}

TEST_F(EventStream, keeps_so_many_bytes) {
    append(std::string(60, 'a'));
    append(std::string(39, 'b'));
    append("c");
    EXPECT_EQ(stream->bytes(), 100);
    append("d");
    EXPECT_EQ(stream->bytes(), 41);
    EXPECT_EQ(stream->lost_after(0), 1);
}

TEST_F(EventStream, keeps_the_newest_whatever_its_size) {
    append("a");
    append(std::string(500, 'b'));
    EXPECT_EQ(stream->find(2)->message.size(), 500);
    EXPECT_EQ(stream->lost_after(0), 1);
    append("c");
    EXPECT_EQ(replay(0), "-2 c");
}

TEST_F(EventStream, drops_what_is_too_old) {
    append("a");
    now += 30s;
    append("b");
    now += 30s;
    stream->expire(now);
    EXPECT_EQ(replay(0), "a b");
    now += 1ms;
    stream->expire(now);
    EXPECT_EQ(replay(0), "-1 b");
    now += 30s;
    stream->expire(now);
    EXPECT_EQ(replay(0), "-2");
    EXPECT_EQ(stream->last(), 2);
    append("c");
    EXPECT_EQ(replay(1), "-1 c");
}

TEST_F(EventStream, pays_for_what_it_keeps_and_nothing_more) {
    append(std::string(60, 'a'));
    append(std::string(60, 'b'));
    EXPECT_EQ(budget.used(), 60);
    EXPECT_EQ(stream->bytes(), 60);
    stream.reset();
    EXPECT_EQ(budget.used(), 0);
}

TEST_F(EventStream, gives_back_what_expires) {
    append("abc");
    stream->expire(now + 61s);
    EXPECT_EQ(budget.used(), 0);
    EXPECT_EQ(stream->bytes(), 0);
}

TEST_F(EventStream, keeps_a_large_message_in_the_parts_it_came_in) {
    Slice content(std::string("{\"a\":1}"));
    const auto* const bytes = content.view().data();
    stream->append(session::EventStream::Message{"before ", std::move(content), " after", {}}, now);
    EXPECT_EQ(replay(0), "before {\"a\":1} after");
    EXPECT_EQ(stream->find(1)->message.content.view().data(), bytes);
    EXPECT_EQ(stream->bytes(), 20);
    EXPECT_EQ(budget.used(), 20);
}

TEST_F(EventStream, does_not_pay_again_for_a_message_that_was_paid_for) {
    const auto paid = std::make_shared<async::Budget::Hold>(budget.take_now(60));
    stream->append(session::EventStream::Message{{}, Slice(std::string(60, 'a')), {}, paid}, now);
    EXPECT_EQ(budget.used(), 60);
    EXPECT_EQ(paid.use_count(), 2);
    stream->expire(now + 61s);
    EXPECT_EQ(paid.use_count(), 1);
}

TEST_F(EventStream, what_is_being_written_stays_while_it_and_others_fall_off) {
    append(std::string(60, 'a'));
    auto pinned = stream->pin(1);
    for (const auto* text : {"b", "c", "d", "e"})
        append(text);
    EXPECT_EQ(replay(0), "-2 c d e");
    EXPECT_EQ(pinned->message.text(), std::string(60, 'a'));
    EXPECT_EQ(budget.used(), 63) << "it is counted while it is there";
    stream->expire(now + 61s);
    EXPECT_EQ(budget.used(), 60);
    pinned = nullptr;
    EXPECT_EQ(budget.used(), 0);
}

TEST_F(EventStream, has_room_for_what_its_writer_can_still_get_to_before_it_falls_off) {
    limits = {.events_max = 8, .bytes_max = 1000, .age_max = 60s};
    stream->take_turn(0);
    EXPECT_TRUE(stream->has_room(5000)) << "nothing waits";
    append(std::string(100, 'a'));
    EXPECT_TRUE(stream->has_room(400));
    EXPECT_FALSE(stream->has_room(401));
    for (const auto* text : {"b", "c", "d"})
        append(text);
    EXPECT_FALSE(stream->has_room(1)) << "half of the events wait";
    stream->deliver(2);
    EXPECT_TRUE(stream->has_room(498));
    stream->deliver(4);
    EXPECT_TRUE(stream->has_room(5000));
}

TEST_F(EventStream, counts_from_where_its_writer_is_whatever_was_delivered_before) {
    limits.events_max = 8;
    stream->take_turn(0);
    for (const auto* text : {"a", "b", "c", "d"})
        append(text);
    stream->deliver(4);
    EXPECT_TRUE(stream->has_room(1));
    const auto turn = stream->take_turn(0);
    EXPECT_FALSE(stream->has_room(1));
    EXPECT_FALSE(stream->oldest_spare()) << "somebody comes for it";
    EXPECT_EQ(stream->delivered, 4);
    stream->end_turn(turn);
    EXPECT_TRUE(stream->oldest_spare());
}

TEST_F(EventStream, always_has_room_while_nobody_writes_it) {
    const auto first = stream->take_turn(0);
    append("a");
    append("b");
    EXPECT_FALSE(stream->has_room(1));
    const auto second = stream->take_turn(0);
    stream->end_turn(first);
    EXPECT_FALSE(stream->has_room(1)) << "that one was replaced";
    stream->end_turn(second);
    EXPECT_TRUE(stream->has_room(1));
}

Task<> wait_for(session::EventStream& stream, int& woken) {
    for (;;) {
        if (!co_await stream.changed().wait()) co_return;
        ++woken;
    }
}

TEST_F(EventStream, wakes_its_writer_for_an_event_the_end_and_another_writer) {
    int woken = 0;
    async::Gate gate(loop);
    gate.spawn(wait_for(*stream, woken));
    loop.settle();
    append("a");
    loop.settle();
    EXPECT_EQ(woken, 1);
    stream->finish();
    loop.settle();
    EXPECT_EQ(woken, 2);
    EXPECT_TRUE(stream->is_finished());
    const auto turn = stream->take_turn(0);
    loop.settle();
    EXPECT_EQ(woken, 3);
    EXPECT_EQ(stream->turn(), turn);
    EXPECT_NE(stream->take_turn(0), turn);
    loop.run(gate.close());
}

TEST(EventId, is_read_as_it_is_written) {
    EXPECT_EQ(to_string(session::EventId{3, 17}), "3-17");
    const auto id = session::parse_event_id("4294967295-18446744073709551615");
    ASSERT_TRUE(id);
    EXPECT_EQ(to_string(*id), "4294967295-18446744073709551615");
}

TEST(EventId, is_nothing_else) {
    for (const auto* text :
         {"",
          "3",
          "3-",
          "-17",
          "3-17-",
          "3-17 ",
          " 3-17",
          "3--17",
          "3-+1",
          "a-1",
          "3_17",
          "4294967296-1",
          "1-18446744073709551616"}) {
        EXPECT_FALSE(session::parse_event_id(text)) << text;
    }
}

}  // namespace
}  // namespace gw::test
