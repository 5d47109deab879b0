#include "async/allowance.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gw::test {
namespace {

using Share = async::Allowance::Share;

// How many one share gets, one after the other.
std::size_t take_all(Share& share) {
    std::size_t count = 0;
    while (share.take(1))
        ++count;
    return count;
}

TEST(Allowance, one_share_can_use_all_of_it_while_the_others_are_idle) {
    for (const std::size_t max : {1U, 2U, 3U, 7U, 100U, 10'000U}) {
        async::Allowance all(max, 4);
        EXPECT_EQ(take_all(all.share(2)), max);
        EXPECT_EQ(take_all(all.share(0)), 0U);
    }
}

TEST(Allowance, what_lies_idle_with_one_share_goes_to_another_at_the_limit) {
    async::Allowance all(1000, 4);
    for (unsigned i = 0; i < 4; ++i) {
        ASSERT_TRUE(all.share(i).take(1));
        all.share(i).give(1);  // What was lent with it stays.
    }
    EXPECT_EQ(take_all(all.share(3)), 1000U);
    all.share(3).give(1);
    EXPECT_TRUE(all.share(0).take(1));
    EXPECT_FALSE(all.share(3).take(1));
}

TEST(Allowance, is_exact_also_when_its_limit_is_lowered_and_raised_again) {
    async::Allowance all(100, 2);
    auto& one = all.share(0);
    auto& other = all.share(1);
    EXPECT_TRUE(one.take(40));
    EXPECT_TRUE(other.take(3));
    other.give(3);  // Some lie idle there.
    all.set_max(20);
    EXPECT_FALSE(other.take(1));
    EXPECT_FALSE(one.take(1));
    one.give(20);
    EXPECT_FALSE(one.take(1));
    EXPECT_FALSE(other.take(1));
    one.give(1);
    EXPECT_TRUE(other.take(1));
    EXPECT_FALSE(one.take(1));
    all.set_max(22);
    EXPECT_EQ(take_all(one), 2U);
}

TEST(Allowance, what_exists_already_is_taken_beyond_the_limit_and_refuses_what_comes_next) {
    async::Allowance all(10, 2);
    all.share(0).take_now(25);
    EXPECT_EQ(all.share(1).rest(), -15);
    EXPECT_FALSE(all.share(1).take(1));
    all.share(0).give(15);
    EXPECT_FALSE(all.share(1).take(1));
    all.share(0).give(1);
    EXPECT_TRUE(all.share(1).take(1));
}

TEST(Allowance, a_hold_that_leaves_is_adopted_by_another_share_and_never_free_in_between) {
    async::Allowance all(1, 2);
    auto hold = all.share(0).hold(1);
    EXPECT_TRUE(hold);
    hold.leave();
    EXPECT_FALSE(hold);
    EXPECT_FALSE(all.share(0).take(1));
    {
        const auto adopted = all.share(1).adopt(1);
        EXPECT_EQ(all.share(1).taken(), 1U);
        EXPECT_EQ(all.share(0).taken(), 0U);
    }
    EXPECT_TRUE(all.share(0).take(1));
}

TEST(Allowance, a_share_that_waits_is_poked_when_another_gives_back) {
    async::Allowance all(1000, 2);
    int pokes = 0;
    all.share(1).poke = [&] { ++pokes; };
    EXPECT_EQ(take_all(all.share(0)), 1000U);
    all.share(0).give(1);
    EXPECT_EQ(pokes, 0) << "it does not wait";
    EXPECT_TRUE(all.share(0).take(1));
    all.share(1).wait_for(2);
    all.share(0).give(1);
    all.share(0).give(1);
    EXPECT_EQ(pokes, 1) << "one is under way";
    all.share(1).poked();
    EXPECT_TRUE(all.share(1).take(2));
    all.share(1).wait_for(0);
    all.share(0).give(1);
    EXPECT_EQ(pokes, 1);
}

TEST(Allowance, a_share_that_asks_for_some_is_heard_by_the_others_until_it_stops) {
    async::Allowance all(100, 3);
    int pokes = 0;
    for (unsigned i = 0; i < 3; ++i)
        all.share(i).poke = [&] { ++pokes; };
    all.share(0).take_now(70);
    all.share(1).ask_others(40);
    EXPECT_EQ(pokes, 2);
    EXPECT_EQ(all.share(0).missed_by_others(), 10U);
    EXPECT_EQ(all.share(2).missed_by_others(), 10U);
    EXPECT_EQ(all.share(1).missed_by_others(), 0U);
    all.share(0).give(10);
    EXPECT_EQ(all.share(2).missed_by_others(), 0U);
    all.share(0).take_now(10);
    all.share(1).stop_asking();
    EXPECT_EQ(all.share(0).missed_by_others(), 0U);
}

TEST(Allowance, a_higher_limit_pokes_those_that_wait) {
    async::Allowance all(1, 2);
    int pokes = 0;
    all.share(0).poke = [&] { ++pokes; };
    EXPECT_TRUE(all.share(1).take(1));
    all.share(0).wait_for(1);
    all.set_max(2);
    EXPECT_EQ(pokes, 1);
    EXPECT_TRUE(all.share(0).take(1));
    all.share(0).wait_for(0);
}

TEST(Allowance, is_never_exceeded_by_threads_that_take_and_give_at_the_same_time) {
    constexpr unsigned shards = 4;
    constexpr std::size_t rounds = 20'000;
    constexpr std::size_t max = 37;
    async::Allowance all(max, shards);
    std::atomic<std::size_t> out = 0;
    std::atomic<std::size_t> most = 0;
    std::vector<std::thread> threads;
    threads.reserve(shards);
    for (unsigned i = 0; i < shards; ++i) {
        threads.emplace_back([&all, &out, &most, i] {
            auto& share = all.share(i);
            std::size_t held = 0;
            for (std::size_t round = 0; round < rounds; ++round) {
                const auto count = 1 + (round % 5);
                if (round % 7 < 4 && share.take(count)) {
                    held += count;
                    const auto now = out += count;
                    auto before = most.load();
                    while (now > before && !most.compare_exchange_weak(before, now)) {
                    }
                } else if (held > 0) {
                    out -= held;
                    share.give(std::exchange(held, 0));
                }
            }
            out -= held;
            share.give(held);
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_LE(most, max);
    EXPECT_EQ(all.share(0).rest(), static_cast<std::int64_t>(max)) << "nothing is lost";
}

}  // namespace
}  // namespace gw::test
