#include "net/offload.hpp"

#include "async/sleep.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <tuple>

namespace gw::test {
namespace {

class Offload : public Loopback {};

Task<> note_thread(net::Offload& offload, net::Shard& shard, Result<std::thread::id>& seen) {
    seen = co_await offload.run<std::thread::id>(shard, [] {
        return Result<std::thread::id>(std::this_thread::get_id());
    });
}

TEST_F(Offload, runs_a_function_on_another_thread_and_gives_its_result_back) {
    net::Offload offload({.threads = 1, .queue_max = 1});
    Result<std::thread::id> seen{std::thread::id()};
    run(note_thread(offload, shard, seen));
    ASSERT_TRUE(seen);
    EXPECT_NE(*seen, std::thread::id());
    EXPECT_NE(*seen, std::this_thread::get_id());
}

Task<> fail_there(net::Offload& offload, net::Shard& shard, std::string& outcome) {
    const auto result = co_await offload.run<int>(shard, []() -> Result<int> {
        return fail(Errc::conflict, "no");
    });
    outcome = to_string(result.error());
}

TEST_F(Offload, passes_a_failure_on) {
    net::Offload offload({.threads = 1, .queue_max = 1});
    std::string outcome;
    run(fail_there(offload, shard, outcome));
    EXPECT_EQ(outcome, "conflict: no");
}

// One thread, blocked until `go`.
struct Blocked {
    std::latch has_begun{1};
    std::latch go{1};
    net::Offload offload{{.threads = 1, .queue_max = 1}};

    Result<int> block() {
        has_begun.count_down();
        go.wait();
        return 1;
    }
};

Task<> block(Blocked& pool, net::Shard& shard, std::string& outcome) {
    const auto result = co_await pool.offload.run<int>(shard, [&pool] { return pool.block(); });
    outcome = result ? "done" : to_string(result.error());
}

Task<> queue(Blocked& pool, net::Shard& shard, std::string& outcome) {
    const auto result = co_await pool.offload.run<int>(shard, [] { return Result<int>(2); });
    outcome = result ? "done" : to_string(result.error());
}

Task<> overfill(Blocked& pool, net::Shard& shard, async::Gate& tasks, std::string& log) {
    std::string running;
    std::string queued;
    std::string refused;
    async::Gate gate(shard);
    tasks.spawn(block(pool, shard, running));
    co_await async::sleep_until(shard, shard.wheel(), shard.now());
    pool.has_begun.wait();
    gate.spawn(queue(pool, shard, queued));
    co_await async::sleep_until(shard, shard.wheel(), shard.now());
    co_await queue(pool, shard, refused);
    co_await gate.close();
    log = running + "; " + queued + "; " + refused;
    co_await tasks.close();
    log += "; " + running;
    pool.go.count_down();
}

TEST_F(Offload, bounds_its_queue_and_lets_a_cancelled_task_go_while_the_function_still_runs) {
    Blocked pool;
    std::string log;
    run(overfill(pool, shard, tasks, log));
    EXPECT_EQ(
        log,
        "; cancelled: the request was withdrawn; too_many: too many blocking operations are "
        "waiting; cancelled: the request was withdrawn"
    );
}

// Runs until `go`, on a thread that may outlive all but this.
struct Hanging {
    std::latch has_begun{1};
    std::latch go{1};
    std::latch has_ended{1};
};

Task<> hang(net::Offload& offload, net::Shard& shard, Hanging& it) {
    std::ignore = co_await offload.run<int>(shard, [&it]() -> Result<int> {
        it.has_begun.count_down();
        it.go.wait();
        it.has_ended.count_down();
        return 1;
    });
}

Task<> begin_to_hang(net::Offload& offload, net::Shard& shard, async::Gate& tasks, Hanging& it) {
    tasks.spawn(hang(offload, shard, it));
    co_await async::sleep_until(shard, shard.wheel(), shard.now());
    it.has_begun.wait();
    co_await tasks.close();
}

TEST_F(Offload, leaves_what_hangs_to_itself_when_its_time_is_over) {
    Hanging it;
    {
        net::Offload offload({.threads = 1, .end_wait = std::chrono::milliseconds(1)});
        run(begin_to_hang(offload, shard, tasks, it));
        EXPECT_FALSE(offload.close());
    }
    it.go.count_down();
    it.has_ended.wait();
}

TEST_F(Offload, ends_at_once_when_nothing_hangs) {
    net::Offload offload({.threads = 1, .end_wait = std::chrono::hours(1)});
    Result<std::thread::id> seen{std::thread::id()};
    run(note_thread(offload, shard, seen));
    EXPECT_TRUE(offload.close());
}

}  // namespace
}  // namespace gw::test
