#include "async/semaphore.hpp"

#include "base/assert.hpp"

namespace gw::async {

Semaphore::~Semaphore() {
    GW_ASSERT(waiting_.empty());
}

Task<Semaphore::Place> Semaphore::take() {
    if (free_ > 0) {
        --free_;
        co_return Place(*this);
    }
    Turn turn(loop_);
    waiting_.push_back(turn);
    if (co_await turn.event.wait()) co_return Place(*this);
    // Its turn may have come after the wait was ended and before it went on here.
    if (!turn.is_linked()) leave();
    co_return Place();
}

void Semaphore::leave() {
    if (waiting_.empty()) {
        ++free_;
        return;
    }
    auto& turn = waiting_.front();
    waiting_.pop_front();
    turn.event.set();
}

}  // namespace gw::async
