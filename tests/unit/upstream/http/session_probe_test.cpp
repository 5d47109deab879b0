#include "upstream/http/session_probe.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using State = SessionProbe::State;

// Pings are answered when the test says so.
class FakePinger final : public SessionProbe::Pinger {
public:
    explicit FakePinger(async::Loop& loop) : answered(loop) {}

    Task<SessionProbe::Outcome> ping() override {
        ++pings;
        if (!co_await answered.wait()) co_return SessionProbe::Outcome();
        co_return outcome;
    }

    async::Event answered;
    SessionProbe::Outcome outcome;
    unsigned pings = 0;
};

class SessionProbeTest : public testing::Test {
protected:
    ~SessionProbeTest() override {
        loop.run(probe.close());
        loop.run(callers.close());
    }

    // A call that waits; its outcome is in `told`, when there is one.
    void ask() {
        callers.spawn(keep(probe, told));
        loop.settle();
    }

    void answer(State state) {
        pinger.outcome = {.state = state, .words = {.status = 404, .code = {}, .text = "gone"}};
        pinger.answered.set();
        loop.settle();
    }

    void pass(TimePoint::duration time) {
        now += time;
        wheel.advance(now);
        loop.settle();
    }

    static Task<> keep(SessionProbe& of, std::vector<State>& to) {
        const auto outcome = co_await of.ask();
        to.push_back(outcome.state);
    }

    test::ManualLoop loop;
    TimePoint now = TimePoint(1h);
    async::Wheel wheel{now};
    FakePinger pinger{loop};
    SessionProbe probe{loop, wheel, pinger};
    async::Gate callers{loop};
    std::vector<State> told;
};

TEST_F(SessionProbeTest, serves_all_who_wait_with_one_ping) {
    for (int i = 0; i < 5; ++i)
        ask();
    EXPECT_EQ(pinger.pings, 1U);
    EXPECT_TRUE(told.empty());
    answer(State::refused);
    EXPECT_EQ(told, std::vector<State>(5, State::refused));
}

TEST_F(SessionProbeTest, pings_once_a_second_at_most) {
    ask();
    answer(State::lives);
    ask();
    pass(900ms);
    EXPECT_EQ(pinger.pings, 1U);
    pass(200ms);
    EXPECT_EQ(pinger.pings, 2U);
    answer(State::refused);
    EXPECT_EQ(told, (std::vector{State::lives, State::refused}));
}

TEST_F(SessionProbeTest, is_undecided_when_no_answer_comes_in_time) {
    ask();
    pass(4900ms);
    EXPECT_TRUE(told.empty());
    pass(200ms);
    EXPECT_EQ(told, std::vector{State::undecided});
    ask();
    EXPECT_EQ(pinger.pings, 2U);
    answer(State::lives);
    EXPECT_EQ(told.back(), State::lives);
}

TEST_F(SessionProbeTest, goes_on_when_who_asked_first_has_left) {
    async::Gate first{loop};
    first.spawn(keep(probe, told));
    loop.settle();
    ask();
    loop.run(first.close());
    EXPECT_EQ(told, std::vector{State::undecided});
    answer(State::lives);
    EXPECT_EQ(told, (std::vector{State::undecided, State::lives}));
    EXPECT_EQ(pinger.pings, 1U);
}

TEST_F(SessionProbeTest, tells_all_who_wait_when_it_ends) {
    ask();
    ask();
    loop.run(probe.close());
    loop.settle();
    EXPECT_EQ(told, std::vector(2, State::undecided));
    ask();
    EXPECT_EQ(told.size(), 3U);
}

}  // namespace
}  // namespace gw::upstream
