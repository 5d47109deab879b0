#include "upstream/process/start_queue.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gw::upstream {
namespace {

TEST(StartQueue, lets_as_many_start_as_there_are_places_in_the_order_in_which_they_came) {
    StartQueue queue(2);
    std::optional<StartQueue::Place> first(queue);
    StartQueue::Place second(queue);
    StartQueue::Place third(queue);
    StartQueue::Place fourth(queue);
    EXPECT_FALSE(third.may_start());
    EXPECT_TRUE(second.may_start());
    EXPECT_TRUE(first->may_start());
    EXPECT_FALSE(third.may_start());
    first.reset();
    EXPECT_FALSE(fourth.may_start());
    EXPECT_TRUE(third.may_start());
    EXPECT_TRUE(third.may_start());
    EXPECT_FALSE(fourth.may_start());
    second.leave();
    EXPECT_TRUE(fourth.may_start());
}

TEST(StartQueue, goes_on_when_one_that_waits_leaves) {
    StartQueue queue(1);
    std::optional<StartQueue::Place> first(queue);
    std::optional<StartQueue::Place> second(queue);
    StartQueue::Place third(queue);
    EXPECT_TRUE(first->may_start());
    second.reset();
    first.reset();
    EXPECT_TRUE(third.may_start());
}

}  // namespace
}  // namespace gw::upstream
