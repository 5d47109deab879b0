#include "async/sleep.hpp"

#include "support/fake_clock.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

Task<> nap(async::Loop& loop, async::Wheel& wheel, TimePoint until, std::string& outcome) {
    outcome = co_await async::sleep_until(loop, wheel, until) ? "woke" : "cancelled";
}

class Sleep : public testing::Test {
protected:
    FakeClock clock;
    ManualLoop loop;
    async::Wheel wheel{clock.now()};
    async::Gate gate{loop};
    std::string outcome = "asleep";

    void SetUp() override {
        gate.spawn(nap(loop, wheel, clock.now() + 1s, outcome));
        loop.settle();
    }

    void pass(TimePoint::duration time) {
        clock.pass(time);
        wheel.advance(clock.now());
        loop.settle();
    }
};

TEST_F(Sleep, ends_when_its_time_has_come) {
    pass(1s);
    EXPECT_EQ(outcome, "asleep");
    pass(async::Wheel::tick);
    EXPECT_EQ(outcome, "woke");
}

TEST_F(Sleep, ends_early_when_the_task_is_cancelled) {
    loop.run(gate.close());
    EXPECT_EQ(outcome, "cancelled");
    pass(1h);
}

}  // namespace
}  // namespace gw::test
