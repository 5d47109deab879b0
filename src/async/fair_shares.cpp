#include "async/fair_shares.hpp"

#include <algorithm>
#include <utility>

namespace gw::async {

FairShares::Part::Part(FairShares& all, const std::string& owner)
    : all_(all), owner_([&]() -> Owners::value_type& {
          const std::scoped_lock lock(all.mutex_);
          auto& entry = *all.owners_.try_emplace(owner).first;
          ++entry.second.parts;
          return entry;
      }()) {}

FairShares::Part::~Part() {
    const std::scoped_lock lock(all_.mutex_);
    auto& held = owner_.second;
    held.size -= size_;
    if (can_give_) held.can_give -= size_;
    if (--held.parts == 0) all_.owners_.erase(all_.owners_.find(owner_.first));
}

void FairShares::Part::grow(std::size_t size) {
    const std::scoped_lock lock(all_.mutex_);
    size_ += size;
    owner_.second.size += size;
    if (can_give_) owner_.second.can_give += size;
}

void FairShares::Part::keep() {
    const std::scoped_lock lock(all_.mutex_);
    if (std::exchange(can_give_, false)) owner_.second.can_give -= size_;
}

bool FairShares::Part::is_claimed() {
    const std::scoped_lock lock(all_.mutex_);
    if (all_.due_ == 0 || !can_give_ || size_ == 0 || all_.debtor_ != owner_.first) return false;
    all_.due_ -= std::min(all_.due_, size_);
    can_give_ = false;
    owner_.second.can_give -= size_;
    return true;
}

FairShares::Claim::Claim(const Part& by, std::size_t size, std::size_t missing) {
    auto& all = by.all_;
    const std::scoped_lock lock(all.mutex_);
    const Owners::value_type* most = nullptr;
    for (const auto& owner : all.owners_) {
        if (owner.second.can_give < missing || missing == 0) continue;
        if (most == nullptr || owner.second.size > most->second.size) most = &owner;
    }
    if (most == nullptr || most->second.size <= by.owner_.second.size + size) return;
    if (all.debtor_ != most->first) all.due_ = 0;
    all.debtor_ = most->first;
    all.due_ += missing;
    ++all.claims_;
    all_ = &all;
}

FairShares::Claim::~Claim() {
    if (all_ == nullptr) return;
    const std::scoped_lock lock(all_->mutex_);
    if (--all_->claims_ == 0) all_->due_ = 0;
}

}  // namespace gw::async
