#pragma once

#include "async/deadline.hpp"
#include "base/clock.hpp"

#include <algorithm>

namespace gw::upstream {

// How long a call may take: what its server tells of it moves its deadline on, up to a bound, and
// from the first question to the end of the last one no time passes for it. What users take is not
// the server's, and what they are asked has a bound of its own.
class CallClock {
public:
    // Bounds nothing before set(). After end() nothing changes any more. The deadline outlives all
    // uses.
    void set(async::Deadline& deadline, TimePoint::duration silence_max, TimePoint most) {
        deadline_ = &deadline;
        silence_max_ = silence_max;
        most_ = most;
    }

    // As if time had run out.
    void end() {
        is_ended_ = true;
        if (deadline_ != nullptr) deadline_->end();
    }

    // The server may be silent for as long as at first.
    void extend(TimePoint now) {
        const bool is_bounded = silence_max_ < TimePoint::duration::max() / 2;
        if (is_running() && stops_ == 0 && is_bounded) {
            deadline_->move(std::min(now + silence_max_, most_));
        }
    }

    // For each stop() there is a start().
    void stop(TimePoint now) {
        if (stops_++ == 0) stopped_at_ = now;
        if (is_running()) deadline_->pause();
    }

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
