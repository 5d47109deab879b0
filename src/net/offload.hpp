#pragma once

#include "async/event.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "net/shard.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gw::net {

// Threads for calls that block, such as name look-ups and files; each is started when there is
// nobody free for what has come. A name that resolves slowly holds its thread for as long as it
// takes, also when nobody waits for it any more. It is destroyed before the shards that use it, and
// after the tasks that wait for it.
class Offload {
public:
    struct Limits {
        unsigned threads = 32;
        std::size_t queue_max = 1024;
        std::chrono::milliseconds end_wait = std::chrono::seconds(2);
    };

    explicit Offload(Limits limits);
    Offload(const Offload&) = delete;
    Offload& operator=(const Offload&) = delete;
    ~Offload();  // As close().

    // Waits for what runs, at most Limits::end_wait; what is still queued is dropped, and so is
    // what comes later. To be called before any shard is destroyed that has used it. More than once
    // does no harm.
    //
    // False when something still runs: a look-up or a file may hang for ever. Its thread is left to
    // itself, and touches only what it owns; but the process should end by _exit(), because exit()
    // takes from it what is static.
    bool close();

    // Runs `function` on one of the threads while the task waits on its shard. What the function
    // uses it owns, because a cancelled wait ends at once (Errc::cancelled), and the function later
    // or never. Errc::too_many when the queue is full.
    template <typename T>
    Task<Result<T>> run(Shard& shard, std::move_only_function<Result<T>()> function) {
        // Shared by the task and the thread, because either may be done with it first.
        const auto job = std::make_shared<Job<T>>(shard, std::move(function));
        const bool is_queued = submit([job, &shard](State& state) {
            if (job->is_withdrawn.load(std::memory_order_relaxed)) return;
            job->result.emplace(job->function());
            const std::lock_guard lock(state.mutex);  // Until then the shard is there.
            if (!state.is_left) shard.submit([job] { job->is_done.set(); });
        });
        if (!is_queued) co_return fail(Errc::too_many, "too many blocking operations are waiting");
        if (co_await job->is_done.wait()) co_return *std::move(job->result);
        job->is_withdrawn.store(true, std::memory_order_relaxed);
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }

private:
    template <typename T>
    struct Job {
        Job(Shard& shard, std::move_only_function<Result<T>()> work)
            : function(std::move(work)), is_done(shard) {}

        std::move_only_function<Result<T>()> function;
        std::optional<Result<T>> result;  // The thread's, until it has submitted the end.
        std::atomic<bool> is_withdrawn = false;
        async::Event is_done;  // The shard's.
    };

    struct State;
    using Work = std::move_only_function<void(State&)>;

    // What the threads use. They share it, because one that hangs outlives this.
    struct State {
        std::mutex mutex;
        std::condition_variable has_work;
        std::condition_variable has_ended;

        // All below is protected by the mutex.
        std::deque<Work> queue;
        bool is_ending = false;
        bool is_left = false;     // What still runs is waited for no more, and no shard is there.
        std::size_t free = 0;     // Threads that wait for work.
        std::size_t running = 0;  // All of them.
    };

    bool submit(Work work);
    static void serve(State& state);

    const Limits limits_;
    const std::shared_ptr<State> state_ = std::make_shared<State>();
    std::vector<std::thread> threads_;  // Protected by the mutex, too.
};

}  // namespace gw::net
