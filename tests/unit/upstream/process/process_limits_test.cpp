#include "upstream/process/process_limits.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

    // A process that ends when it is asked to, if it is not in use.
    struct Held {
        std::string name;
        GivesWay gives_way = GivesWay::now;
        std::optional<ProcessLimits::Slot> slot;
    };

    Held& hold(std::string name, const std::string& owner, const std::string& upstream = "a") {
        auto& held =
            *all_held.emplace_back(std::make_unique<Held>(Held{std::move(name), GivesWay::now, {}})
            );
        auto slot = limits.take(
            upstream,
            held_at,
            {.owner = owner,
             .give_up =
                 [this, &held](Asked what) {
                     asked += held.name + (what == Asked::silent ? "! " : " ");
                     if (held.gives_way == GivesWay::now) ending.push_back(&held);
                     return held.gives_way;
                 },
             .submit = [](std::move_only_function<void()> work) { work(); }}
        );
        EXPECT_TRUE(slot);
        if (slot) held.slot.emplace(std::move(*slot));
        return held;
    }

    // One that is being started, and has been silent since `start`.
    Held& hold_silent(std::string name, const std::string& owner, const std::string& upstream) {
        auto& held = hold(std::move(name), owner, upstream);
        held.slot->starts();
        held.slot->is_silent(start);
        return held;
    }

    // Who is asked to make room for a process of "a" for `owner`, until nobody is left.
    std::string make_room(
        const std::string& owner, const std::string& upstream = "a", TimePoint now = start
    ) {
        asked.clear();
        ProcessLimits::Search search;
        while ((room = limits.make_room(upstream, owner, search, now)) == Room::comes) {
            for (auto* each : std::exchange(ending, {}))
                each->slot.reset();
        }
        return asked;
    }

    using Room = ProcessLimits::Room;

    TimePoint held_at = start;
    std::string asked;
    Room room = Room::none;  // What the last search ended with.
    std::vector<Held*> ending;

    // How long a process has to wait that is to be started now.
    std::chrono::milliseconds pause(TimePoint now) {
        const auto slot = limits.take("a", now);
        EXPECT_TRUE(slot);
        return std::chrono::duration_cast<std::chrono::milliseconds>(slot->start_at() - now);
    }

    Limits settings{
        .calls_alone = {},
        .processes_max = 3,
        .processes_per_upstream_max = 2,
        .process_restarts_max = 3,
        .process_restart_window = 1min
    };
    ProcessLimits limits{settings, {}};
    std::vector<ProcessLimits::Slot> slots;
    std::vector<std::unique_ptr<Held>> all_held;
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

TEST_F(ProcessLimitsTest, lets_the_gateways_own_end_first_then_the_owners_then_of_who_has_most) {
    settings.processes_max = settings.processes_per_upstream_max = 6;
    hold("mine", "me");
    hold("first", "much");
    hold("second", "much").slot->touch(start + 2s);
    hold("other", "little");
    hold("newer", "much").slot->touch(start + 1s);
    hold("own", "");
    EXPECT_EQ(make_room("me"), "own mine first newer other second ");
}

TEST_F(ProcessLimitsTest, lets_a_spare_one_end_first_and_counts_it_until_somebody_has_it) {
    hold("own", "");
    auto& spare = hold("spare", "");
    const auto submit = [](std::move_only_function<void()> work) { work(); };
    const auto give_up = [this](Asked /*what*/) {
        asked += "spare ";
        return GivesWay::no;
    };
    EXPECT_TRUE(spare.slot->change_holder(
        {.owner = {}, .is_spare = true, .give_up = give_up, .submit = submit}
    ));
    EXPECT_EQ(limits.spares(), 1U);
    ProcessLimits::Search search;
    EXPECT_EQ(limits.make_room("a", "x", search, start), Room::comes);
    EXPECT_EQ(asked, "spare ");
    EXPECT_TRUE(spare.slot->change_holder({.owner = "x"}));
    EXPECT_EQ(limits.spares(), 0U);
}

TEST_F(ProcessLimitsTest, does_not_give_to_another_what_is_being_given_up) {
    auto& held = hold("own", "");
    ProcessLimits::Search search;
    EXPECT_EQ(limits.make_room("a", "x", search, start), Room::comes);
    EXPECT_FALSE(held.slot->change_holder({.owner = "x"}));
}

TEST_F(ProcessLimitsTest, lets_none_end_that_is_in_use_and_asks_each_only_once) {
    hold("busy", "me").gives_way = GivesWay::no;
    hold("idle", "you");
    EXPECT_EQ(make_room("me"), "busy idle ");
    EXPECT_EQ(make_room("me"), "busy ");
    EXPECT_EQ(take("a"), "granted");
}

TEST_F(ProcessLimitsTest, asks_all_again_when_another_took_what_ended) {
    auto& other = hold("other", "x");
    other.gives_way = GivesWay::no;
    auto& idle = hold("idle", "y");
    ProcessLimits::Search search;
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(asked, "other idle ");
    idle.slot.reset();
    auto& next = hold("next", "z");
    next.gives_way = GivesWay::no;
    asked.clear();
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(asked, "other next ");
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::none);  // Each once, and no more.
    EXPECT_EQ(asked, "other next ");
}

TEST_F(ProcessLimitsTest, lets_one_of_the_same_server_end_where_its_own_limit_is_reached) {
    hold("a", "x", "a");
    hold("b", "y", "b").gives_way = GivesWay::no;
    hold("c", "z", "b").gives_way = GivesWay::no;
    EXPECT_EQ(make_room("w", "b"), "b c ");
}

TEST_F(ProcessLimitsTest, tells_that_what_the_gateway_itself_uses_will_give_way) {
    auto& lists = hold("lists", "", "a");
    lists.gives_way = GivesWay::soon;
    hold("busy", "x", "a").gives_way = GivesWay::no;
    EXPECT_EQ(make_room("w", "a"), "lists busy ");
    EXPECT_EQ(room, Room::later);
    lists.gives_way = GivesWay::no;  // A client uses it as well by now.
    EXPECT_EQ(make_room("w", "a"), "lists busy ");
    EXPECT_EQ(room, Room::none);
}

TEST_F(ProcessLimitsTest, tells_that_a_place_may_come_that_ends_for_another) {
    settings.processes_per_upstream_max = 1;
    auto& ending = hold("ending", "", "a");
    ProcessLimits::Search first;
    EXPECT_EQ(limits.make_room("a", "x", first, start), Room::comes);
    ProcessLimits::Search second;
    EXPECT_EQ(limits.make_room("a", "y", second, start), Room::later);
    ending.slot.reset();
    hold("new", "x", "a").gives_way = GivesWay::no;
    EXPECT_EQ(make_room("y", "a"), "new ");
    EXPECT_EQ(room, Room::none);
}

TEST_F(ProcessLimitsTest, waits_for_none_of_another_server_at_the_limit_of_its_own) {
    settings.processes_per_upstream_max = 1;
    hold("lists", "", "a").gives_way = GivesWay::soon;
    hold("busy", "x", "b").gives_way = GivesWay::no;
    EXPECT_EQ(make_room("w", "a"), "lists ");
    EXPECT_EQ(room, Room::later);
    EXPECT_EQ(make_room("w", "b"), "busy ");
    EXPECT_EQ(room, Room::none);
}

TEST_F(ProcessLimitsTest, waits_for_the_one_that_is_ending) {
    hold("slow", "you");
    hold("next", "you");
    ProcessLimits::Search search;
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(limits.make_room("a", "me", search, start), Room::comes);
    EXPECT_EQ(asked, "slow ");
    ProcessLimits::Search another;
    EXPECT_EQ(limits.make_room("a", "me", another, start), Room::comes);
    EXPECT_EQ(asked, "slow next ");
}

TEST_F(ProcessLimitsTest, lets_a_silent_start_end_only_after_a_while_and_when_all_else_is_in_use) {
    settings.processes_per_upstream_max = 3;
    hold_silent("silent", "", "b");
    hold("idle", "you", "c");
    hold("busy", "you", "c").gives_way = GivesWay::no;
    EXPECT_EQ(make_room("me", "a", start + 5s), "idle busy silent! ");
    EXPECT_EQ(room, Room::none);
    hold("lists", "", "c").gives_way = GivesWay::soon;
    hold_silent("other", "you", "d");
    EXPECT_EQ(make_room("me", "a", start + 4s), "lists busy ");
    EXPECT_EQ(room, Room::later);
    EXPECT_EQ(make_room("me", "a", start + 20s), "lists busy ");
    EXPECT_EQ(room, Room::later);  // What the gateway lists ends by itself.
}

TEST_F(ProcessLimitsTest, lets_the_longest_silent_of_several_starts_end) {
    settings.processes_per_upstream_max = 3;
    hold_silent("later", "you", "b").slot->is_silent(start + 1s);
    hold_silent("first", "you", "b");
    hold("works", "you", "b").slot->starts();
    EXPECT_EQ(make_room("me", "a", start + 4s), "");
    EXPECT_EQ(room, Room::later);
    EXPECT_EQ(make_room("me", "a", start + 6s), "first! later! ");
    EXPECT_EQ(room, Room::later);  // What works for its start may be silent in a while.
}

TEST_F(ProcessLimitsTest, lets_no_start_end_for_the_same_server_or_a_clients_for_the_gateway) {
    settings.processes_max = 1;
    auto& client_start = hold_silent("client", "you", "b");
    EXPECT_EQ(make_room("me", "b", start + 1h), "");
    EXPECT_EQ(room, Room::none);
    EXPECT_EQ(make_room("", "a", start + 1h), "");
    EXPECT_EQ(room, Room::none);
    client_start.slot.reset();
    hold_silent("own", "", "b");
    EXPECT_EQ(make_room("me", "b", start + 1h), "");
    EXPECT_EQ(room, Room::later);
    EXPECT_EQ(make_room("", "a", start + 1h), "own! ");
}

TEST_F(ProcessLimitsTest, starts_last_what_gave_way_and_waits_longer_for_it_each_time) {
    const std::string refused =
        "upstream_failed: the server's program had not answered since it was started when another "
        "server needed its place, and was ended (processes.max); it is started again in ";
    for (const auto patience : {5s, 10s, 20s, 40s, 60s, 60s}) {
        hold_silent("silent", "you", "b").slot->is_silent(held_at);
        EXPECT_EQ(make_room("me", "a", held_at + patience - 1ms), "");
        EXPECT_EQ(room, Room::later);
        held_at += patience;
        EXPECT_EQ(make_room("me", "a", held_at), "silent! ");
        const auto left = std::to_string(patience.count());
        EXPECT_EQ(take("b", held_at), refused + left + " s at the earliest");
        EXPECT_EQ(take("b", held_at + patience - 1ms), refused + "1 s at the earliest");
        held_at += patience;
        EXPECT_EQ(take("b", held_at), "granted");
        slots.clear();
    }
}

TEST_F(ProcessLimitsTest, forgets_that_a_start_gave_way_when_another_has_come_up) {
    hold_silent("silent", "you", "b");
    EXPECT_EQ(make_room("me", "a", start + 5s), "silent! ");
    held_at = start + 10s;
    auto& up = hold_silent("up", "you", "b");
    up.slot->has_started();
    EXPECT_EQ(make_room("me", "a", start + 1h), "up ");
    hold_silent("next", "you", "b").slot->is_silent(start + 1h);
    EXPECT_EQ(make_room("me", "a", start + 1h + 5s), "next! ");
}

TEST_F(ProcessLimitsTest, starts_nothing_after_too_many_crashes_until_the_window_has_passed) {
    for (int i = 0; i < 3; ++i)
        limits.note_crash("a", start + i * 1s);
    EXPECT_EQ(
        take("a", start + 59s),
        "upstream_failed: the server's program has ended by itself too often, and is not started "
        "for a while (processes.restarts_max)"
    );
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
