#include "upstream/process/start_queue.hpp"

#include <iterator>

namespace gw::upstream {

std::uint64_t StartQueue::join() {
    const std::scoped_lock lock(mutex_);
    waiting_.insert(next_);
    return next_++;
}

bool StartQueue::may_start(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    if (starting_.contains(number)) return true;
    const auto found = waiting_.find(number);
    if (found == waiting_.end() || starting_.size() >= places_) return false;
    const auto before = static_cast<std::size_t>(std::distance(waiting_.begin(), found));
    if (before >= places_ - starting_.size()) return false;
    waiting_.erase(found);
    starting_.insert(number);
    return true;
}

void StartQueue::leave(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    waiting_.erase(number);
    starting_.erase(number);
}

}  // namespace gw::upstream
