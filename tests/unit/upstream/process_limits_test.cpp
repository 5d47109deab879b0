#include "upstream/process_limits.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;

const TimePoint start(1h);

std::string outcome(const Result<ProcessLimits::Slot>& slot) {
    return slot ? "granted" : to_string(slot.error());
}

class ProcessLimitsTest : public testing::Test {
protected:
    std::string take(const std::string& upstream, TimePoint now = start) {
        auto slot = limits.take(upstream, now);
        auto text = outcome(slot);
        if (slot) slots.push_back(std::move(*slot));
        return text;
    }

    // How long a process has to wait that is to be started now.
    std::chrono::milliseconds pause(TimePoint now) {
        const auto slot = limits.take("a", now);
        EXPECT_TRUE(slot);
        return std::chrono::duration_cast<std::chrono::milliseconds>(slot->start_at() - now);
    }

    Limits settings{
        .processes_max = 3,
        .processes_per_upstream_max = 2,
        .process_restarts_max = 3,
        .process_restart_window = 1min
    };
    ProcessLimits limits{settings, {}};
    std::vector<ProcessLimits::Slot> slots;
};

TEST_F(ProcessLimitsTest, names_the_setting_of_the_limit_that_is_reached) {
    EXPECT_EQ(take("a"), "granted");
    EXPECT_EQ(take("a"), "granted");
    EXPECT_EQ(
        take("a"),
        "too_many: the limit of this server's processes is reached (processes.per_upstream_max)"
    );
    EXPECT_EQ(take("b"), "granted");
    EXPECT_EQ(take("b"), "too_many: the limit of child processes is reached (processes.max)");
}

TEST_F(ProcessLimitsTest, gives_the_right_on_when_a_process_has_ended) {
    EXPECT_EQ(take("a"), "granted");
    EXPECT_EQ(take("a"), "granted");
    slots.pop_back();
    EXPECT_EQ(take("a"), "granted");
}

TEST_F(ProcessLimitsTest, starts_nothing_after_too_many_crashes_until_the_window_has_passed) {
    for (int i = 0; i < 3; ++i)
        limits.note_crash("a", start + i * 1s);
    EXPECT_EQ(take("a", start + 59s), "upstream_failed: the upstream server crashed too often");
    EXPECT_EQ(take("b", start + 59s), "granted");
    EXPECT_EQ(take("a", start + 60s), "granted");
}

TEST_F(ProcessLimitsTest, waits_longer_after_each_crash_but_not_after_the_first) {
    EXPECT_EQ(pause(start), 0ms);
    limits.note_crash("a", start);
    EXPECT_EQ(pause(start), 0ms);
    limits.note_crash("a", start);
    EXPECT_EQ(pause(start), 250ms);
}

}  // namespace
}  // namespace gw::upstream
