#include "async/semaphore.hpp"

#include "async/gate.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gw::test {
namespace {

struct Guest {
    async::Semaphore::Place place;
    std::string outcome = "waiting";
};

Task<> take(async::Semaphore& semaphore, Guest& into) {
    into.place = co_await semaphore.take();
    into.outcome = into.place ? "inside" : "left";
}

class Semaphore : public testing::Test {
protected:
    ManualLoop loop;
    async::Semaphore semaphore{loop, 2};
    std::array<Guest, 5> guests;
    async::Gate gate{loop};
    async::Gate other{loop};

    void start(async::Gate& in, std::size_t guest) {
        in.spawn(take(semaphore, guests.at(guest)));
        loop.settle();
    }

    void leave(std::size_t guest) {
        guests.at(guest).place = {};
        loop.settle();
    }

    std::string outcomes() const {
        std::string all;
        for (const auto& guest : guests)
            all += guest.outcome + ' ';
        return all;
    }

    void TearDown() override {
        loop.run(gate.close());
        loop.run(other.close());
    }
};

TEST_F(Semaphore, lets_so_many_in_and_the_others_in_turn) {
    for (const auto guest : {0UL, 1UL, 2UL, 3UL, 4UL})
        start(gate, guest);
    EXPECT_EQ(outcomes(), "inside inside waiting waiting waiting ");
    leave(1);
    EXPECT_EQ(outcomes(), "inside inside inside waiting waiting ");
    leave(0);
    leave(2);
    EXPECT_EQ(outcomes(), "inside inside inside inside inside ");
}

TEST_F(Semaphore, whoever_does_not_wait_any_more_takes_no_place) {
    for (const auto guest : {0UL, 1UL})
        start(gate, guest);
    start(other, 2);
    start(gate, 3);
    loop.run(other.close());
    EXPECT_EQ(guests[2].outcome, "left");
    leave(0);
    EXPECT_EQ(guests[3].outcome, "inside");
}

TEST_F(Semaphore, a_place_that_comes_too_late_goes_to_the_next) {
    for (const auto guest : {0UL, 1UL})
        start(gate, guest);
    start(other, 2);
    start(gate, 3);
    other.cancel();
    guests[0].place = {};  // Before the one that was cancelled goes on.
    loop.settle();
    EXPECT_EQ(outcomes(), "inside inside left inside waiting ");
    start(gate, 4);
    EXPECT_EQ(guests[4].outcome, "waiting");
    leave(1);
    EXPECT_EQ(guests[4].outcome, "inside");
}

}  // namespace
}  // namespace gw::test
