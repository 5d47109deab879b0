#include "async/deadline.hpp"

#include "async/event.hpp"
#include "async/gate.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
constexpr auto tick = async::Wheel::tick;

class Deadline : public testing::Test {
protected:
    FakeClock clock;
    ManualLoop loop;
    async::Wheel wheel{clock.now()};
    async::Gate gate{loop};
    async::Gate closer{loop};
    async::Event answer{loop};
    async::Event cleaned_up{loop};
    std::string outcome = "waiting";
    bool is_closed = false;

    void SetUp() override {
        gate.spawn(call());
        loop.settle();
    }

    void TearDown() override { EXPECT_TRUE(is_closed); }

    // Waits a second for an answer; one that does not come has to be cleaned up after.
    Task<> call() {
        auto& fiber = co_await this_fiber();
        std::string result = "answered";
        {
            const async::Deadline deadline(wheel, clock.now() + 1s, fiber);
            if (!co_await answer.wait()) result = to_string(deadline.stopped("gh").error());
        }
        if (result != "answered") {
            const async::Shield shield(fiber);
            outcome = "cleaning up";
            co_await cleaned_up.wait();
        }
        outcome = result;
    }

    Task<> close_gate() {
        co_await gate.close();
        is_closed = true;
    }

    void close() {
        closer.spawn(close_gate());
        loop.settle();
    }

    void pass(TimePoint::duration time) {
        clock.pass(time);
        wheel.advance(clock.now());
        loop.settle();
    }

    void set(async::Event& event) {
        event.set();
        loop.settle();
    }
};

TEST_F(Deadline, leaves_an_answer_in_time_alone) {
    pass(999ms);
    set(answer);
    pass(1h);
    close();
    EXPECT_EQ(outcome, "answered");
}

TEST_F(Deadline, expiry_ends_the_wait_and_names_who_did_not_answer) {
    pass(1s);
    EXPECT_EQ(outcome, "waiting");
    pass(tick);
    EXPECT_EQ(outcome, "cleaning up");
    set(cleaned_up);
    close();
    EXPECT_EQ(outcome, "timed_out: gh did not answer in time");
}

TEST_F(Deadline, closing_the_gate_is_a_cancellation_however_long_the_clean_up_takes) {
    close();
    EXPECT_EQ(outcome, "cleaning up");
    pass(1h);
    EXPECT_FALSE(is_closed);
    set(cleaned_up);
    EXPECT_EQ(outcome, "cancelled: the request was withdrawn");
}

TEST_F(Deadline, closing_the_gate_after_the_expiry_leaves_it_a_time_out) {
    pass(1s + tick);
    close();
    set(cleaned_up);
    EXPECT_EQ(outcome, "timed_out: gh did not answer in time");
}

TEST_F(Deadline, an_answer_that_comes_with_the_expiry_counts) {
    answer.set();
    pass(1s + tick);
    close();
    EXPECT_EQ(outcome, "answered");
}

// Counts instead of ending: its wait begins only after the expiry.
struct Late final : Wait {
    int cancels = 0;

    void cancel() override { ++cancels; }
};

TEST_F(Deadline, keeps_ending_waits_until_it_is_destroyed) {
    Late late;
    Fiber fiber;
    {
        const async::Deadline deadline(wheel, clock.now() + 1s, fiber);
        pass(1s + tick);
        EXPECT_TRUE(deadline.has_expired());
        fiber.wait = &late;
        pass(tick);
        pass(tick);
        EXPECT_EQ(late.cancels, 2);
        EXPECT_FALSE(fiber.is_cancelled) << "only its waits end, not the fiber";
    }
    pass(tick);
    EXPECT_EQ(late.cancels, 2);
    set(cleaned_up);
    close();
}

TEST_F(Deadline, can_be_moved_and_may_be_no_bound_at_all) {
    Late late;
    Fiber fiber{.wait = &late};
    async::Deadline deadline(wheel, TimePoint::max(), fiber);
    pass(24h);
    EXPECT_EQ(late.cancels, 0);
    deadline.move(clock.now() + 1s);
    pass(999ms);
    EXPECT_EQ(late.cancels, 0);
    pass(1ms + tick);
    EXPECT_EQ(late.cancels, 1);
    set(cleaned_up);
    close();
}

}  // namespace
}  // namespace gw::test
