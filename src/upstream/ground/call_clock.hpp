#pragma once

#include "async/deadline.hpp"
#include "base/clock.hpp"

#include <algorithm>

namespace gw::upstream {

// How long a call may take. Progress moves its deadline on, up to a bound. While the server has a
// question open the clock stands still: the time that users take is not the server's, and questions
// have a bound of their own.
class CallClock {
public:
    // Bounds the call by `deadline`, which has its first time already and outlives all uses of
    // this. The server may be silent for `silence_max`, and the call ends at `most` in any case.
    // Before set() the clock bounds nothing.
    void set(async::Deadline& deadline, TimePoint::duration silence_max, TimePoint most) {
        deadline_ = &deadline;
        silence_max_ = silence_max;
        most_ = most;
    }

    // Ends the call as if its time had run out. Nothing moves the deadline any more.
    void end() {
        is_ended_ = true;
        if (deadline_ != nullptr) deadline_->end();
    }

    // The server has told something: it may be silent for silence_max from `now` on.
    void extend(TimePoint now) {
        const bool is_bounded = silence_max_ < TimePoint::duration::max() / 2;
        if (is_running() && stops_ == 0 && is_bounded) {
            deadline_->move(std::min(now + silence_max_, most_));
        }
    }

    // Stops the clock, for one question. Each stop() is followed by one start().
    void stop(TimePoint now) {
        if (stops_++ == 0) stopped_at_ = now;
        if (is_running()) deadline_->pause();
    }

    // Starts it again when this was the last question: the stop does not count.
    void start(TimePoint now) {
        if (--stops_ > 0) return;
        if (most_ != TimePoint::max()) most_ += now - stopped_at_;
        extend(now);
    }

private:
    bool is_running() const {
        return deadline_ != nullptr && !is_ended_ && !deadline_->has_expired();
    }

    async::Deadline* deadline_ = nullptr;
    TimePoint::duration silence_max_{};
    TimePoint most_ = TimePoint::max();
    unsigned stops_ = 0;
    TimePoint stopped_at_;
    bool is_ended_ = false;
};

}  // namespace gw::upstream
