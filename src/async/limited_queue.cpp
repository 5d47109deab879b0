#include "async/limited_queue.hpp"

namespace gw::async {

LimitedQueue::Joined LimitedQueue::join(
    const std::string& owner, unsigned shard, std::uint64_t id
) {
    const std::scoped_lock lock(mutex_);
    Joined joined{.turn = next_turn_++, .gave_way = {}};
    auto own = owners_.try_emplace(owner).first;
    while (!by_turn_.empty() &&
           (own->second.size() >= limits_.per_owner_max || by_turn_.size() >= limits_.max)) {
        const auto loser = own->second.empty() ? owners_.find(by_turn_.begin()->second) : own;
        const auto oldest = loser->second.begin();
        joined.gave_way.push_back(oldest->second);
        by_turn_.erase(oldest->first);
        loser->second.erase(oldest);
        if (loser != own && loser->second.empty()) owners_.erase(loser);
    }
    own->second.emplace(joined.turn, Member{shard, id, joined.turn});
    by_turn_.emplace(joined.turn, owner);
    return joined;
}

void LimitedQueue::leave(const std::string& owner, std::uint64_t turn) {
    const std::scoped_lock lock(mutex_);
    if (by_turn_.erase(turn) == 0) return;
    const auto own = owners_.find(owner);
    own->second.erase(turn);
    if (own->second.empty()) owners_.erase(own);
}

void LimitedQueue::set_limits(OwnedLimits limits) {
    const std::scoped_lock lock(mutex_);
    limits_ = limits;
}

std::size_t LimitedQueue::size() {
    const std::scoped_lock lock(mutex_);
    return by_turn_.size();
}

}  // namespace gw::async
