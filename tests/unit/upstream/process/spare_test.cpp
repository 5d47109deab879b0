#include "upstream/process/spare.hpp"

#include "unit/upstream/process/children.hpp"

#include <array>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;

class SpareTest : public Children {
public:
    SpareTest() { config = program("sh", {"-c", "echo $$ >pid; echo on; exec cat"}, {}, folder); }

    Task<> started(SpareProcess& spare) {
        co_await until([&] { return spare.may_be_taken() && read_number("pid") > 0; });
    }

    Config config;
};

TEST_F(SpareTest, is_taken_as_it_was_started_and_by_one_only) {
    run([](SpareTest& test) -> Task<> {
        SpareProcess spare(test.around, test.config, test.processes);
        async::Gate life(test.shard);
        life.spawn(spare.run());
        co_await test.started(spare);
        EXPECT_EQ(test.processes.spares(), 1U);
        auto taken = co_await spare.take();
        EXPECT_FALSE(co_await spare.take());
        EXPECT_TRUE(spare.was_taken());
        EXPECT_EQ(test.processes.spares(), 0U);
        EXPECT_EQ(test.processes.running(), 1U);
        const auto process = Process::adopt(test.shard, std::move(taken->process));
        EXPECT_EQ(process->id(), test.read_number("pid"));
        test.tasks.spawn(process->watch());
        EXPECT_TRUE(process->input().write_now("hello\n"));
        std::string text;
        std::array<char, 64> room{};
        while (!text.ends_with("hello\n") && co_await process->output().readable()) {
            const auto count = process->output().read_now(room);
            text.append(room.data(), count->value_or(0));
        }
        EXPECT_EQ(text, "on\nhello\n");
        co_await process->stop(500ms);
        co_await life.join();
    }(*this));
    EXPECT_EQ(processes.running(), 0U);
}

TEST_F(SpareTest, ends_with_whoever_lets_it_fall_on_its_way) {
    run([](SpareTest& test) -> Task<> {
        SpareProcess spare(test.around, test.config, test.processes);
        async::Gate life(test.shard);
        life.spawn(spare.run());
        co_await test.started(spare);
        EXPECT_TRUE(co_await spare.take());
        EXPECT_FALSE(is_running(test.read_number("pid")));
        EXPECT_EQ(test.processes.running(), 0U);
        co_await life.join();
    }(*this));
}

TEST_F(SpareTest, is_not_to_be_had_when_it_has_ended_or_another_needs_its_place) {
    run([](SpareTest& test) -> Task<> {
        SpareProcess killed(test.around, test.config, test.processes);
        async::Gate lives(test.shard);
        lives.spawn(killed.run());
        co_await test.started(killed);
        ::kill(test.read_number("pid"), SIGKILL);
        co_await test.until([&] { return test.processes.running() == 0; });
        EXPECT_FALSE(co_await killed.take());
        EXPECT_EQ(test.logged.back(), "files a spare process ended: signal 9");

        test.limits.processes_max = 1;
        SpareProcess needed(test.around, test.config, test.processes);
        lives.spawn(needed.run());
        co_await test.started(needed);
        ProcessLimits::Search search;
        EXPECT_EQ(
            test.processes.make_room("other", "", search, test.shard.now()),
            ProcessLimits::Room::comes
        );
        EXPECT_FALSE(co_await needed.take());
        co_await lives.join();
        EXPECT_EQ(test.processes.running(), 0U);
    }(*this));
}

TEST_F(SpareTest, does_not_start_where_there_may_be_no_more_processes) {
    limits.processes_max = 1;
    run([](SpareTest& test) -> Task<> {
        const auto other = test.processes.take("other", test.shard.now());
        SpareProcess spare(test.around, test.config, test.processes);
        co_await spare.run();
        EXPECT_FALSE(spare.was_taken());
        EXPECT_EQ(test.read_number("pid"), 0);
    }(*this));
}

}  // namespace
}  // namespace gw::upstream
