#include "async/allowance.hpp"

#include "base/assert.hpp"

namespace gw::async {

namespace {

// Small enough that what lies idle, at most two blocks a share, is an eighth of the limit in all.
std::int64_t block_of(std::int64_t max, unsigned shares) {
    return std::max<std::int64_t>(max / (std::int64_t{16} * shares), 1);
}

}  // namespace

Allowance::Allowance(std::size_t max, unsigned shares)
    : count_(shares),
      max_(static_cast<std::int64_t>(max)),
      block_(block_of(max_, shares)),
      rest_(max_.load()),
      shares_(std::make_unique<Share[]>(shares)) {  // NOLINT(modernize-avoid-c-arrays)
    for (unsigned i = 0; i < count_; ++i)
        shares_[i].all_ = this;
}

Allowance::~Allowance() = default;

Allowance::Share& Allowance::share(unsigned index) {
    GW_ASSERT(index < count_);
    return shares_[index];
}

void Allowance::set_max(std::size_t max) {
    const auto now = static_cast<std::int64_t>(max);
    const auto before = max_.exchange(now);
    block_ = block_of(now, count_);
    rest_ += now - before;
    if (waiting_ > 0) poke_waiting(nullptr);
}

// At least `least` of the rest, and up to `most`.
bool Allowance::draw(std::int64_t least, std::int64_t most, std::int64_t& drawn) {
    auto rest = rest_.load();
    while (rest >= least) {
        drawn = std::min(rest, most);
        if (rest_.compare_exchange_weak(rest, rest - drawn)) return true;
    }
    return false;
}

// What lies idle anywhere goes to the rest.
void Allowance::call_in() {
    for (unsigned i = 0; i < count_; ++i) {
        if (shares_[i].idle_ > 0) rest_ += shares_[i].idle_.exchange(0);
    }
}

void Allowance::poke_waiting(const Share* by) {
    for (unsigned i = 0; i < count_; ++i) {
        auto& share = shares_[i];
        if (&share != by && share.wanted_ > 0) share.poke_once();
    }
}

bool Allowance::Share::borrow(std::int64_t wanted) {
    std::int64_t drawn = 0;
    if (!all_->draw(wanted, wanted + all_->block_, drawn)) {
        all_->call_in();
        if (!all_->draw(wanted, wanted, drawn)) return false;
    }
    if (drawn > wanted) idle_ += drawn - wanted;
    taken_ += static_cast<std::size_t>(wanted);
    return true;
}

void Allowance::Share::take_now(std::size_t count) {
    if (take(count)) return;
    all_->rest_ -= static_cast<std::int64_t>(count);
    taken_ += count;
}

// Keeps one block, or nothing while somebody waits.
void Allowance::Share::give_back() {
    const bool is_wanted = all_->waiting_ > 0;
    const auto kept = is_wanted ? 0 : all_->block_.load();
    auto idle = idle_.load();
    while (idle > kept) {
        if (!idle_.compare_exchange_weak(idle, kept)) continue;
        all_->rest_ += idle - kept;
        break;
    }
    if (is_wanted) all_->poke_waiting(this);
}

std::int64_t Allowance::Share::rest() {
    all_->call_in();
    return all_->rest_;
}

void Allowance::Share::wait_for(std::size_t count) {
    const auto before = wanted_.exchange(count);
    if (before == 0 && count > 0) ++all_->waiting_;
    if (before > 0 && count == 0) --all_->waiting_;
}

void Allowance::Share::ask_others(std::size_t count) {
    asked_ = count;
    for (unsigned i = 0; i < all_->count_; ++i) {
        if (&all_->shares_[i] != this) all_->shares_[i].poke_once();
    }
}

void Allowance::Share::press_others(std::size_t count) {
    pressed_ = count;
    ask_others(count);
}

std::size_t Allowance::Share::missed(std::atomic<std::size_t> Share::* what) {
    std::int64_t most = 0;
    for (unsigned i = 0; i < all_->count_; ++i) {
        const auto wanted = static_cast<std::int64_t>((all_->shares_[i].*what).load());
        if (&all_->shares_[i] != this) most = std::max(most, wanted);
    }
    return most == 0 ? 0 : static_cast<std::size_t>(std::max<std::int64_t>(most - rest(), 0));
}

// One poke at a time is under way.
void Allowance::Share::poke_once() {
    if (poke && !is_poked_.exchange(true)) poke();
}

}  // namespace gw::async
