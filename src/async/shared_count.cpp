#include "async/shared_count.hpp"

namespace gw::async {

std::expected<SharedCount::Place, SharedCount::Full> SharedCount::take(const std::string& owner) {
    const std::scoped_lock lock(mutex_);
    if (count_ >= limits_.max) return std::unexpected(Full::in_all);
    const auto found = owners_.find(owner);
    const auto own = found == owners_.end() ? 0 : found->second;
    if (own >= limits_.per_owner_max) return std::unexpected(Full::of_owner);
    ++count_;
    auto& entry = *owners_.try_emplace(owner, 0).first;
    ++entry.second;
    return Place(*this, entry);
}

void SharedCount::give_back(Owners::value_type& owner) {
    const std::scoped_lock lock(mutex_);
    --count_;
    if (--owner.second == 0) owners_.erase(owners_.find(owner.first));
}

void SharedCount::set_limits(OwnedLimits limits) {
    const std::scoped_lock lock(mutex_);
    limits_ = limits;
}

}  // namespace gw::async
