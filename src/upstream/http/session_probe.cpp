#include "upstream/http/session_probe.hpp"

#include "async/deadline.hpp"
#include "async/sleep.hpp"

#include <algorithm>

namespace gw::upstream {

struct SessionProbe::Waiting {
    explicit Waiting(async::Loop& loop) : told(loop) {}

    async::Event told;
    Outcome outcome;
};

Task<SessionProbe::Outcome> SessionProbe::ask() {
    if (gate_.is_closing()) co_return Outcome();
    const async::Deadline deadline(wheel_, wheel_.now() + wait_max, co_await this_fiber());
    Waiting self(loop_);
    waiting_.push_back(&self);
    if (gate_.running() == 0) gate_.spawn(run());
    co_await self.told.wait();
    std::erase(waiting_, &self);
    co_return self.outcome;
}

// In a fiber of its own, so that the ping goes on when who asked first has left.
Task<> SessionProbe::run() {
    auto& fiber = co_await this_fiber();
    if (wheel_.now() < next_ && !co_await async::sleep_until(loop_, wheel_, next_)) co_return;
    next_ = wheel_.now() + pause;
    const async::Deadline deadline(wheel_, wheel_.now() + wait_max, fiber);
    tell(co_await pinger_.ping());
}

void SessionProbe::tell(const Outcome& outcome) {
    for (auto* each : waiting_) {
        each->outcome = outcome;
        each->told.set();
    }
}

Task<> SessionProbe::close() {
    co_await gate_.close();
    tell({});
}

}  // namespace gw::upstream
