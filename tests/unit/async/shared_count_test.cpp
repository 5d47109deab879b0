#include "async/shared_count.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gw::test {
namespace {

using Full = async::SharedCount::Full;

TEST(SharedCount, counts_in_all_and_for_each_owner) {
    async::SharedCount count({.max = 3, .per_owner_max = 2});
    auto first = count.take("ann");
    const auto second = count.take("ann");
    EXPECT_TRUE(first && second);
    EXPECT_EQ(count.take("ann").error(), Full::of_owner);
    const auto third = count.take("bob");
    EXPECT_TRUE(third);
    EXPECT_EQ(count.take("cyd").error(), Full::in_all);
    first->give_back();
    first->give_back();  // Nothing happens.
    EXPECT_TRUE(count.take("ann"));
}

TEST(SharedCount, takes_new_limits_for_what_comes_then) {
    async::SharedCount count({.max = 3, .per_owner_max = 3});
    auto first = count.take("ann");
    auto second = count.take("ann");
    count.set_limits({.max = 1, .per_owner_max = 3});
    first->give_back();
    EXPECT_EQ(count.take("ann").error(), Full::in_all);
    second->give_back();
    EXPECT_TRUE(count.take("ann"));
}

TEST(SharedCount, is_exact_over_threads) {
    async::SharedCount count({.max = 10, .per_owner_max = 4});
    std::vector<std::vector<async::SharedCount::Place>> taken(4);
    std::vector<std::thread> threads;
    for (auto& own : taken) {
        threads.emplace_back([&count, &own] {
            for (int i = 0; i < 1000; ++i) {
                if (auto place = count.take("ann")) own.push_back(*std::move(place));
                if (auto place = count.take("owner" + std::to_string(i % 3))) {
                    own.push_back(*std::move(place));
                }
                if (i % 2 == 0) own.clear();
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    std::size_t all = 0;
    for (auto& own : taken)
        all += std::exchange(own, {}).size();
    EXPECT_LE(all, 10U);
    std::vector<async::SharedCount::Place> again;
    for (const auto* owner : {"ann", "bob", "cyd"}) {
        for (int i = 0; i < 4; ++i) {
            if (auto place = count.take(owner)) again.push_back(*std::move(place));
        }
    }
    EXPECT_EQ(again.size(), 10U) << "nothing is left behind";
}

}  // namespace
}  // namespace gw::test
