#pragma once

#include "async/event.hpp"
#include "async/loop.hpp"
#include "base/task.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace gw::async {

// The parent of tasks that outlive the function that starts them. Each component that starts tasks
// owns one gate and awaits close() before it is destroyed, so nothing runs without a parent.
class Gate {
public:
    explicit Gate(Loop& loop) : loop_(loop), empty_(loop) {}

    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate();  // The gate must be closed, or have nothing running.

    // Starts `work`, a fiber of its own, from the loop. An exception that escapes it ends the
    // process: tasks report failures as results, cancellation too. After close() began nothing is
    // started, and `work` is destroyed unrun.
    void spawn(Task<> work);

    // Asks every task to end. close() does this too.
    void cancel();

    // Cancels every running task and returns when the last one has ended. A task may still await
    // what it needs to clean up (see Shield); its deadlines bound that.
    Task<> close();

    // Returns when the last running task has ended by itself; cancels them when the caller is
    // cancelled. Nothing may be started afterwards.
    Task<> join();

    std::size_t running() const { return running_.size(); }

    bool is_closing() const { return is_closing_; }

private:
    struct Runner;  // The coroutine that holds a task and its fiber.

    struct Entry : boost::intrusive::list_base_hook<> {
        Fiber fiber;
    };

    static Runner run(Gate& gate, Task<> work);
    void ended(Entry& entry);

    Loop& loop_;
    Event empty_;
    boost::intrusive::list<Entry> running_;
    bool is_closing_ = false;
};

// While it lives, its task's waits are not refused although the task was cancelled: for the last
// message of a clean-up. What it waits for needs a deadline.
class Shield {
public:
    explicit Shield(Fiber& fiber) : fiber_(fiber), was_cancelled_(fiber.is_cancelled) {
        fiber_.is_cancelled = false;
    }

    Shield(const Shield&) = delete;
    Shield& operator=(const Shield&) = delete;

    ~Shield() { fiber_.is_cancelled = fiber_.is_cancelled || was_cancelled_; }

private:
    Fiber& fiber_;
    bool was_cancelled_;
};

}  // namespace gw::async
