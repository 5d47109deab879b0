#include "async/limited_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

// Who had to give way: "1/7 2/8", as shard and id.
std::string gave_way(const async::LimitedQueue::Joined& joined) {
    std::string text;
    for (const auto& member : joined.gave_way) {
        text += (text.empty() ? "" : " ") + std::to_string(member.shard) + "/" +
                std::to_string(member.id);
    }
    return text;
}

TEST(LimitedQueue, lets_the_one_that_waits_longest_give_way_on_whatever_shard_it_is) {
    async::LimitedQueue queue({.max = 3, .per_owner_max = 2});
    EXPECT_EQ(gave_way(queue.join("ann", 0, 7)), "");
    EXPECT_EQ(gave_way(queue.join("bob", 1, 1)), "");
    EXPECT_EQ(gave_way(queue.join("bob", 2, 2)), "");
    EXPECT_EQ(gave_way(queue.join("bob", 0, 3)), "1/1") << "his own first";
    EXPECT_EQ(gave_way(queue.join("cyd", 3, 4)), "0/7") << "she has none: the longest of all";
    EXPECT_EQ(queue.size(), 3U);
}

TEST(LimitedQueue, one_that_leaves_makes_room_and_one_that_gave_way_leaves_nothing) {
    async::LimitedQueue queue({.max = 2, .per_owner_max = 2});
    const auto first = queue.join("ann", 0, 1);
    queue.leave("ann", first.turn);
    const auto second = queue.join("ann", 0, 2);
    EXPECT_EQ(gave_way(queue.join("bob", 0, 3)), "");
    EXPECT_EQ(gave_way(queue.join("cyd", 0, 4)), "0/2");
    queue.leave("ann", second.turn);
    EXPECT_EQ(queue.size(), 2U);
}

TEST(LimitedQueue, is_as_short_as_a_lowered_limit_says_when_the_next_one_comes) {
    async::LimitedQueue queue({.max = 9, .per_owner_max = 9});
    for (std::uint64_t id = 1; id <= 5; ++id)
        queue.join("ann", 0, id);
    queue.set_limits({.max = 9, .per_owner_max = 2});
    EXPECT_EQ(gave_way(queue.join("ann", 0, 6)), "0/1 0/2 0/3 0/4");
    EXPECT_EQ(queue.size(), 2U);
}

}  // namespace
}  // namespace gw::test
