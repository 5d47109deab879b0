#include "async/gate.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

// Waits for something that never comes; counts itself in `running` meanwhile.
Task<> waiter(async::Loop& loop, int& running) {
    ++running;
    async::Event never(loop);
    co_await never.wait();
    co_await never.wait();  // A wait begun after the cancellation ends at once.
    --running;
}

class Gate : public testing::Test {
protected:
    ManualLoop loop;
    int running = 0;
};

Task<> close(async::Gate& gate, bool& is_closed) {
    co_await gate.close();
    is_closed = true;
}

TEST_F(Gate, starts_tasks_from_the_loop_and_closing_it_cancels_and_awaits_them) {
    async::Gate gate(loop);
    for (int i = 0; i < 3; ++i)
        gate.spawn(waiter(loop, running));
    EXPECT_EQ(running, 0);
    loop.settle();
    EXPECT_EQ(running, 3);
    EXPECT_EQ(gate.running(), 3);
    loop.run(gate.close());
    EXPECT_EQ(running, 0);
    EXPECT_EQ(gate.running(), 0);
}

// Needs a step of the loop, and somebody else, to clean up.
Task<> slow_to_end(async::Event& stop, async::Event& cleaned) {
    co_await stop.wait();
    const async::Shield shield(co_await this_fiber());
    co_await cleaned.wait();
}

TEST_F(Gate, close_waits_for_a_shielded_clean_up) {
    async::Gate gate(loop);
    async::Gate closer(loop);
    async::Event stop(loop);
    async::Event cleaned(loop);
    bool is_closed = false;
    gate.spawn(slow_to_end(stop, cleaned));
    loop.settle();
    closer.spawn(close(gate, is_closed));
    loop.settle();
    EXPECT_FALSE(is_closed);
    cleaned.set();
    loop.settle();
    EXPECT_TRUE(is_closed);
}

// A task with tasks of its own, as a connection has.
Task<> parent(async::Loop& loop, int& running) {
    async::Gate gate(loop);
    gate.spawn(waiter(loop, running));
    async::Event never(loop);
    co_await never.wait();
    co_await gate.close();
}

TEST_F(Gate, a_cancelled_task_still_waits_for_the_tasks_of_its_own_gate) {
    async::Gate gate(loop);
    gate.spawn(parent(loop, running));
    loop.settle();
    EXPECT_EQ(running, 1);
    loop.run(gate.close());
    EXPECT_EQ(running, 0);
}

TEST_F(Gate, starts_nothing_after_it_began_to_close) {
    async::Gate gate(loop);
    loop.run(gate.close());
    gate.spawn(waiter(loop, running));
    loop.settle();
    EXPECT_EQ(running, 0);
    EXPECT_EQ(gate.running(), 0);
}

Task<bool> shielded(async::Event& event, Fiber& fiber) {
    fiber.cancel();
    bool was_set = false;
    {
        const async::Shield shield(fiber);
        event.set();
        was_set = co_await event.wait();
    }
    co_return was_set && !co_await event.wait();
}

Task<bool> shield_in_own_fiber(async::Event& event) {
    co_return co_await shielded(event, co_await this_fiber());
}

TEST_F(Gate, a_shield_lets_a_cancelled_task_wait_only_while_it_lives) {
    async::Event event(loop);
    EXPECT_TRUE(loop.run(shield_in_own_fiber(event)));
}

TEST_F(Gate, a_loop_reports_a_task_that_never_finishes) {
    EXPECT_THROW(loop.run(waiter(loop, running)), std::logic_error);
    EXPECT_EQ(running, 0);
}

}  // namespace
}  // namespace gw::test
