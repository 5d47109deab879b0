#include "async/budget.hpp"

#include "async/gate.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

struct Taker {
    std::optional<async::Budget::Hold> hold;
    std::string outcome = "waiting";
};

Task<> take(async::Budget& budget, std::size_t size, Taker& into) {
    auto hold = co_await budget.take(size);
    into.outcome = hold ? "taken" : to_string(hold.error());
    if (hold) into.hold = *std::move(hold);
}

Task<> take_soon(
    async::Budget& budget, async::Wheel& wheel, std::size_t size, std::size_t left, Taker& into
) {
    auto hold = co_await budget.take_soon(wheel, size, left);
    into.outcome = hold ? "taken" : "refused";
    if (hold) into.hold = *std::move(hold);
}

class Budget : public testing::Test {
protected:
    ManualLoop loop;
    async::Wheel wheel{TimePoint()};
    async::Budget budget{loop, 100};
    async::Gate gate{loop};
    async::Gate other{loop};
    Taker a;
    Taker b;
    Taker c;

    void start(async::Gate& in, std::size_t size, Taker& into) {
        in.spawn(take(budget, size, into));
        loop.settle();
    }

    void start_soon(async::Budget& in, std::size_t size, std::size_t left, Taker& into) {
        gate.spawn(take_soon(in, wheel, size, left, into));
        loop.settle();
    }

    void pass(std::chrono::milliseconds time) {
        for (; time.count() > 0; time -= async::Wheel::tick) {
            wheel.advance(wheel.now() + async::Wheel::tick);
            loop.settle();
        }
    }

    void TearDown() override { loop.run(gate.close()); }
};

TEST_F(Budget, gives_what_there_is_and_lets_the_rest_wait_in_turn) {
    start(gate, 60, a);
    start(gate, 60, b);
    start(gate, 10, c);
    EXPECT_EQ(a.outcome + " " + b.outcome + " " + c.outcome, "taken waiting waiting");
    a.hold.reset();
    loop.settle();
    EXPECT_EQ(b.outcome + " " + c.outcome, "taken taken");
    EXPECT_EQ(budget.used(), 70);
}

TEST_F(Budget, refuses_what_it_can_never_give) {
    start(gate, 101, a);
    EXPECT_EQ(a.outcome, "payload_too_large: over the limit of buffered bytes");
}

TEST_F(Budget, a_withdrawn_wait_lets_those_behind_it_go_on) {
    start(gate, 60, a);
    start(other, 60, b);
    start(gate, 10, c);
    loop.run(other.close());
    EXPECT_EQ(b.outcome + " " + c.outcome, "cancelled: the request was withdrawn taken");
    EXPECT_EQ(budget.used(), 70);
}

TEST_F(Budget, keeps_its_count_when_a_turn_comes_while_it_is_withdrawn) {
    start(gate, 60, a);
    start(other, 60, b);
    other.cancel();
    a.hold.reset();
    loop.settle();
    b.hold.reset();
    EXPECT_EQ(budget.used(), 0);
}

TEST_F(Budget, asks_for_what_can_be_done_without_before_anybody_waits_or_is_refused) {
    std::optional spare(budget.take_now(80));
    std::size_t asked = 0;
    budget.relieve = [&](std::size_t wanted) {
        asked = wanted;
        spare.reset();
    };
    start(gate, 60, a);
    EXPECT_EQ(a.outcome, "taken");
    EXPECT_EQ(asked, 40);
    spare = budget.take_now(40);
    EXPECT_FALSE(budget.is_exhausted());
    EXPECT_EQ(asked, 1);
}

TEST_F(Budget, is_exhausted_while_somebody_waits_who_gets_what_can_be_done_without_later) {
    std::optional kept(budget.take_now(80));
    start(gate, 60, a);
    EXPECT_EQ(a.outcome, "waiting");
    EXPECT_TRUE(budget.is_exhausted());
    budget.relieve = [&](std::size_t) { kept.reset(); };
    budget.help_waiting();
    loop.settle();
    EXPECT_EQ(a.outcome, "taken");
    EXPECT_FALSE(budget.is_exhausted());
}

TEST_F(Budget, refuses_at_once_who_is_not_to_wait_where_nothing_can_come_back) {
    start(gate, 90, a);
    start_soon(budget, 20, 0, b);
    EXPECT_EQ(b.outcome, "refused");
    std::size_t asked = 0;
    budget.cut = [&](std::size_t wanted) {
        asked = wanted;
        return false;
    };
    start_soon(budget, 20, 0, b);
    EXPECT_EQ(b.outcome, "refused");
    EXPECT_EQ(asked, 10);
    start_soon(budget, 10, 0, b);
    EXPECT_EQ(b.outcome, "taken");
}

TEST_F(Budget, lets_who_is_not_to_wait_try_again_while_what_was_cut_ends) {
    start(gate, 90, a);
    budget.cut = [](std::size_t) { return true; };
    start_soon(budget, 20, 0, b);
    EXPECT_EQ(b.outcome, "waiting");
    a.hold.reset();
    pass(2 * async::Wheel::tick);
    EXPECT_EQ(b.outcome, "taken");
    start_soon(budget, 90, 0, c);
    pass(240ms);
    EXPECT_EQ(c.outcome, "waiting");
    pass(20ms);
    EXPECT_EQ(c.outcome, "refused") << "it did not end in time";
}

TEST_F(Budget, leaves_to_others_what_is_asked_for) {
    start_soon(budget, 50, 60, a);
    EXPECT_EQ(a.outcome, "refused");
    start_soon(budget, 50, 50, a);
    EXPECT_EQ(a.outcome, "taken");
    start(gate, 50, b);
    EXPECT_EQ(b.outcome, "taken");
}

TEST_F(Budget, cuts_for_one_that_has_waited_for_long) {
    start(gate, 90, a);
    start(gate, 40, b);
    std::size_t asked = 0;
    budget.cut = [&](std::size_t wanted) {
        asked = wanted;
        a.hold.reset();
        return true;
    };
    for (int seconds = 0; seconds < 29; ++seconds)
        budget.press();
    EXPECT_EQ(asked, 0);
    budget.press();
    loop.settle();
    EXPECT_EQ(asked, 30);
    EXPECT_EQ(b.outcome, "taken");
    asked = 0;
    budget.press();
    EXPECT_EQ(asked, 0) << "nobody waits";
}

// Two shards, each of which is poked by the other.
class SharedBudget : public Budget {
protected:
    async::Allowance all{100, 2};
    std::vector<std::string> poked;
    async::Budget here{loop, all.share(0)};
    async::Budget there{loop, all.share(1)};

    SharedBudget() {
        all.share(0).poke = [this] { poked.emplace_back("here"); };
        all.share(1).poke = [this] { poked.emplace_back("there"); };
    }

    void TearDown() override {
        Budget::TearDown();
        for (auto* taker : {&a, &b, &c})
            taker->hold.reset();
    }

    void start_here(std::size_t size, Taker& into) {
        gate.spawn(take(here, size, into));
        loop.settle();
    }
};

TEST_F(SharedBudget, one_shard_gives_what_it_can_do_without_to_one_that_waits) {
    std::optional spare(there.take_now(80));
    std::size_t asked = 0;
    there.relieve = [&](std::size_t wanted) {
        asked = wanted;
        spare.reset();
    };
    start_here(60, a);
    EXPECT_EQ(a.outcome, "waiting");
    EXPECT_EQ(poked, std::vector<std::string>{"there"});
    there.look_around();
    EXPECT_EQ(asked, 40);
    EXPECT_EQ(poked, (std::vector<std::string>{"there", "here"}));
    here.look_around();
    loop.settle();
    EXPECT_EQ(a.outcome, "taken");
    asked = 0;
    there.look_around();
    EXPECT_EQ(asked, 0) << "nobody asks any more";
}

TEST_F(SharedBudget, one_shard_cuts_what_is_slow_there_for_one_that_is_not_to_wait_here) {
    std::optional slow(there.take_now(95));
    there.cut = [&](std::size_t) {
        slow.reset();
        return true;
    };
    start_soon(here, 10, 0, a);
    EXPECT_EQ(a.outcome, "waiting");
    there.look_around();
    pass(2 * async::Wheel::tick);
    EXPECT_EQ(a.outcome, "taken");
    start_soon(here, 95, 0, b);
    pass(40ms);
    EXPECT_EQ(b.outcome, "waiting");
    pass(20ms);
    EXPECT_EQ(b.outcome, "refused") << "there was nothing, and it was told so within a moment";
}

}  // namespace
}  // namespace gw::test
