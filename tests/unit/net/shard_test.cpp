#include "net/shard.hpp"

#include "async/sleep.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class Shard : public Loopback {};

Task<> nap(net::Shard& shard, TimePoint::duration& slept) {
    const auto begin = shard.clock().now();
    co_await async::sleep_until(shard, shard.wheel(), begin + 20ms);
    slept = shard.clock().now() - begin;
}

TEST_F(Shard, turns_its_wheel_with_the_clock) {
    TimePoint::duration slept{};
    run(nap(shard, slept));
    EXPECT_GE(slept, 20ms);
}

// The tick falls due while the loop is busy, and stands in its queue behind the stop.
TEST_F(Shard, runs_again_after_a_stop_that_came_before_a_tick_that_was_due) {
    const auto due = clock.now() + 2 * async::Wheel::tick;
    shard.submit([this, due] {
        while (clock.now() < due) {
        }
        shard.submit([this] { shard.stop(); });
    });
    shard.run();
    TimePoint::duration slept{};
    run(nap(shard, slept));
    EXPECT_GE(slept, 20ms);
}

Task<> wait_for(async::Event& event, std::thread::id& woken_on) {
    co_await event.wait();
    woken_on = std::this_thread::get_id();
}

TEST_F(Shard, runs_what_another_thread_submits_on_its_own) {
    async::Event event(shard);
    std::thread::id ran_on;
    std::thread::id woken_on;
    std::thread other([&] {
        shard.submit([&] {
            ran_on = std::this_thread::get_id();
            event.set();
        });
    });
    run(wait_for(event, woken_on));
    other.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
    EXPECT_EQ(woken_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace gw::test
