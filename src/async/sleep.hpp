#pragma once

#include "async/event.hpp"
#include "async/wheel.hpp"

namespace gw::async {

// Waits until `when`, to a tick; false when the task was cancelled before.
inline Task<bool> sleep_until(Loop& loop, Wheel& wheel, TimePoint when) {
    struct Alarm final : Timer {
        Event& event;

        explicit Alarm(Event& rings) : event(rings) {}

        void expire() override { event.set(); }
    };

    Event event(loop);
    Alarm alarm(event);
    wheel.add(alarm, when);
    co_return co_await event.wait();
}

}  // namespace gw::async
