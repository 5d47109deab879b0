#include "async/event.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

Task<> note(async::Event& event, std::string& log) {
    log += co_await event.wait() ? "set;" : "cancelled;";
}

Task<> note_twice(async::Event& event, std::string& log) {
    co_await note(event, log);
    co_await note(event, log);
}

class Event : public testing::Test {
protected:
    ManualLoop loop;
    async::Gate gate{loop};
    async::Event event{loop};
    std::string log;

    void start(Task<> work) {
        gate.spawn(std::move(work));
        loop.settle();
    }
};

TEST_F(Event, remembers_that_it_was_set_before_the_wait) {
    event.set();
    event.set();
    EXPECT_TRUE(loop.run([](async::Event& e) -> Task<bool> { co_return co_await e.wait(); }(event))
    );
    EXPECT_THROW(loop.run(note(event, log)), std::logic_error) << "two sets count once";
}

TEST_F(Event, wakes_the_waiter_from_the_loop_and_not_inside_set) {
    start(note(event, log));
    EXPECT_TRUE(event.has_waiter());
    event.set();
    EXPECT_EQ(log, "");
    EXPECT_FALSE(event.has_waiter());
    loop.settle();
    EXPECT_EQ(log, "set;");
}

TEST_F(Event, a_set_while_the_waiter_is_on_its_way_is_for_the_next_wait) {
    start(note_twice(event, log));
    event.set();
    event.set();
    loop.settle();
    EXPECT_EQ(log, "set;set;");
}

TEST_F(Event, what_happened_first_counts_when_a_set_and_a_cancellation_meet) {
    start(note(event, log));
    event.set();
    gate.cancel();
    loop.settle();
    start(note(event, log));
    gate.cancel();
    event.set();
    loop.settle();
    EXPECT_EQ(log, "set;cancelled;");
}

TEST_F(Event, every_wait_of_a_cancelled_task_ends) {
    start(note_twice(event, log));
    gate.cancel();
    loop.settle();
    EXPECT_EQ(log, "cancelled;cancelled;");
    EXPECT_EQ(gate.running(), 0);
}

}  // namespace
}  // namespace gw::test
