#include "async/budget.hpp"

#include "async/gate.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace gw::test {
namespace {

struct Taker {
    std::optional<async::Budget::Hold> hold;
    std::string outcome = "waiting";
};

Task<> take(async::Budget& budget, std::size_t size, Taker& into) {
    auto hold = co_await budget.take(size);
    into.outcome = hold ? "taken" : to_string(hold.error());
    if (hold) into.hold = *std::move(hold);
}

class Budget : public testing::Test {
protected:
    ManualLoop loop;
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

}  // namespace
}  // namespace gw::test
