#pragma once

#include "async/loop.hpp"
#include "base/task.hpp"

#include <coroutine>

namespace gw::async {

// Something that one task of a shard waits for and another part of the same shard reports.
class Event {
public:
    explicit Event(Loop& loop) : loop_(loop) {}

    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    class Waiting final : public Suspension<Waiting> {
    public:
        explicit Waiting(Event& event) : event_(event) {}

        // A set() that came before counts, also for a task that has been cancelled meanwhile.
        bool await_ready();

        bool await_resume() const { return is_set_; }

        void cancel() override { wake(false); }

    private:
        friend class Event;
        friend class Suspension<Waiting>;

        void start() { event_.waiting_ = this; }

        void refuse() { is_set_ = false; }

        void wake(bool is_set);

        Event& event_;
        bool is_set_ = false;
    };

    // co_await event.wait(): true when it was set, false when the wait was cancelled. One task at
    // a time.
    Waiting wait() { return Waiting(*this); }

    // Wakes the task that waits, from the loop; else the next wait returns at once.
    void set();

    // Forgets a set() that nobody has waited for.
    void clear() { is_set_ = false; }

    bool has_waiter() const { return waiting_ != nullptr; }

private:
    Loop& loop_;
    Waiting* waiting_ = nullptr;
    bool is_set_ = false;  // Only while nobody waits.
};

}  // namespace gw::async
