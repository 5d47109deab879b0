#include "upstream/process/process.hpp"

#include "net/descriptor_limit.hpp"
#include "unit/upstream/process/children.hpp"
#include "upstream/process/process_demand.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;

class ProcessTest : public Children {
public:
    // Runs "sh -c script" until it ends by itself; what it wrote, then how it ended.
    std::string run_shell(const std::string& script) {
        return run_command(program("sh", {"-c", script}));
    }

    std::string run_python(const std::string& script) {
        return run_command(program("python3", {"-SEc", script}));
    }

    std::string run_command(const Config& config) {
        std::string text;
        run(read_all(config, text));
        return text;
    }

    std::unique_ptr<Process> start(const Config& config) {
        const auto command = find_command(config, processes.environment());
        EXPECT_TRUE(command);
        auto process = Process::start(shard, *command);
        EXPECT_TRUE(process);
        return std::move(*process);
    }

    Task<> read_all(const Config& config, std::string& text) {
        const auto process = start(config);
        tasks.spawn(process->watch());
        std::array<char, 4096> room{};
        while (co_await process->output().readable()) {
            const auto count = process->output().read_now(room);
            if (!count || *count == 0U) break;
            text.append(room.data(), count->value_or(0));
        }
        co_await until([&] { return process->has_ended(); });
        text += process->outcome();
    }

    // Starts a script that writes "ready" once it is set up, and stops it then.
    Task<> stop(const std::string& script, std::string& outcome) {
        const auto process = start(program("sh", {"-c", script}, {}, folder));
        tasks.spawn(process->watch());
        co_await process->output().readable();
        co_await process->stop(limits.process_kill_after);
        EXPECT_TRUE(process->has_ended());
        outcome = process->outcome();
    }
};

TEST_F(ProcessTest, is_known_by_what_it_and_its_children_demand_of_the_processors) {
    struct Demand {
        static Task<> measure(
            ProcessTest& test, std::string script, std::chrono::nanoseconds& demanded
        ) {
            const auto process = test.start(program("sh", {"-c", script}, {}, test.folder));
            test.tasks.spawn(process->watch());
            co_await process->output().readable();
            const auto before = processor_demand(process->id());
            co_await async::sleep_until(test.shard, test.shard.wheel(), test.shard.now() + 300ms);
            const auto after = processor_demand(process->id());
            EXPECT_TRUE(before && after);
            if (before && after) demanded = *after - *before;
            co_await process->stop(0ms);
        }
    };

    std::chrono::nanoseconds sleeping{};
    std::chrono::nanoseconds working{};
    run(Demand::measure(*this, "echo ready; sleep 60", sleeping));
    run(Demand::measure(*this, "echo ready; sh -c 'while :; do :; done'", working));
    EXPECT_LT(sleeping, 50ms);
    EXPECT_GT(working, 200ms);
    EXPECT_FALSE(processor_demand(-1));
}

// Programs that use select() cannot live with more.
TEST_F(ProcessTest, has_the_limit_of_descriptors_that_we_were_started_with) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_GE(before.rlim_max, 512U);
    const rlimit low{.rlim_cur = 300, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_GT(net::raise_descriptor_limit(), 300U);
    EXPECT_EQ(run_shell("ulimit -n"), "300\nexit code 0");
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(ProcessTest, gives_the_child_its_arguments_and_says_how_it_ended) {
    EXPECT_EQ(run_shell("printf '%s|' \"$0\" ; exit 3"), "sh|exit code 3");
    EXPECT_EQ(run_shell("kill -9 $$"), "signal 9");
}

TEST_F(ProcessTest, gives_the_child_exactly_its_environment_and_folder) {
    EXPECT_EQ(
        run_command(program("env", {}, {{"KEY", "a b"}, {"LANG", "C"}})),
        "HOME=/h\nKEY=a b\nLANG=C\nPATH=/usr/local/bin:/usr/bin:/bin\nexit code 0"
    );
    EXPECT_EQ(run_command(program("pwd", {"-P"}, {}, "/usr")), "/usr\nexit code 0");
}

TEST_F(ProcessTest, gives_the_child_no_descriptor_but_its_three) {
    const int low = ::open("/dev/null", O_RDONLY);
    ASSERT_EQ(::dup2(low, 60), 60);
    EXPECT_EQ(
        run_python("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"),
        "[0, 1, 2, 3]\nexit code 0"  // 3 is the folder that it lists.
    );
    ::close(60);
    ::close(low);
}

TEST_F(ProcessTest, gives_the_child_a_group_of_its_own_and_a_signal_when_we_die) {
    EXPECT_EQ(
        run_python("import ctypes, os\n"
                   "number = ctypes.c_int()\n"
                   "ctypes.CDLL(None).prctl(2, ctypes.byref(number), 0, 0, 0)\n"
                   "print(os.getpgrp() == os.getpid(), number.value)"),
        "True 15\nexit code 0"
    );
}

TEST_F(ProcessTest, gives_the_child_signals_that_are_neither_ignored_nor_blocked) {
    // What started us may ignore any; 33 is one that signal() refuses to touch.
    const std::array<unsigned long, 4> ignore = {reinterpret_cast<unsigned long>(SIG_IGN)};
    std::array<unsigned long, 4> before{};
    ::syscall(SYS_rt_sigaction, 33, ignore.data(), before.data(), sizeof(unsigned long));
    EXPECT_EQ(
        run_shell("grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\t\\n'"),
        "SigBlk:0000000000000000SigIgn:0000000000000000exit code 0"
    );
    ::syscall(SYS_rt_sigaction, 33, before.data(), nullptr, sizeof(unsigned long));
}

TEST_F(ProcessTest, ends_when_its_stdin_does) {
    std::string outcome;
    run(stop("echo ready; cat; exit 5", outcome));
    EXPECT_EQ(outcome, "exit code 5");
}

TEST_F(ProcessTest, is_asked_to_end_when_it_does_not_mind_its_stdin) {
    std::string outcome;
    run(stop("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", outcome));
    EXPECT_EQ(outcome, "exit code 7");
}

TEST_F(ProcessTest, is_killed_when_it_minds_nothing) {
    std::string outcome;
    run(stop("trap '' TERM; echo ready; while :; do sleep 0.01; done", outcome));
    EXPECT_EQ(outcome, "signal 9");
}

TEST_F(ProcessTest, is_killed_though_it_has_left_its_group) {
    std::string outcome;
    run(stop(
        "exec python3 -SEc 'import os, signal, time; signal.signal(signal.SIGTERM, "
        "signal.SIG_IGN); "
        "os.setpgid(0, os.getpgid(os.getppid())); print(\"ready\", flush=True); time.sleep(60)'",
        outcome
    ));
    EXPECT_EQ(outcome, "signal 9");
}

TEST_F(ProcessTest, takes_its_descendants_along) {
    run([](ProcessTest& test) -> Task<> {
        std::string outcome;
        co_await test.stop(
            "sh -c 'trap \"\" TERM; echo $$ > child; echo ready; while :; do sleep 0.01; done' & "
            "wait",
            outcome
        );
        EXPECT_EQ(outcome, "signal 15");
        const auto child = test.read_number("child");
        EXPECT_GT(child, 0);
        co_await test.until([&] { return !is_running(child); });
    }(*this));
}

Task<> stop_it(Process& process, Time kill_after, bool& is_done) {
    co_await process.stop(kill_after);
    is_done = true;
}

// The way of a task that is cancelled while it stops a process.
TEST_F(ProcessTest, is_stopped_though_the_task_that_stops_it_is_cancelled_twice) {
    run([](ProcessTest& test) -> Task<> {
        const auto process = test.start(
            program("sh", {"-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"})
        );
        test.tasks.spawn(process->watch());
        co_await process->output().readable();
        async::Gate gate(test.shard);
        bool is_done = false;
        gate.spawn(stop_it(*process, 100ms, is_done));
        co_await async::sleep_until(test.shard, test.shard.wheel(), test.shard.now());
        gate.cancel();
        co_await async::sleep_until(test.shard, test.shard.wheel(), test.shard.now());
        gate.cancel();
        co_await test.until([&] { return is_done; });
        EXPECT_EQ(process->outcome(), "signal 9");
    }(*this));
}

}  // namespace
}  // namespace gw::upstream
