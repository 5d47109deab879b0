#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace gw::async {

// How many of something all shards may have at a time, together: requests, connections, bytes. It
// is lent to them in blocks, so that none touches what another writes, until the limit is near: a
// Share takes of what lies idle with it, then of the common rest, and at the limit of what lies
// idle with the others. So one shard can use all of it while the others are idle, and it is never
// exceeded but by take_now(). What is out, what lies idle and the rest are the limit, always.
class Allowance {
public:
    class Share;
    class Hold;

    Allowance(std::size_t max, unsigned shares);
    ~Allowance();

    Allowance(const Allowance&) = delete;
    Allowance& operator=(const Allowance&) = delete;

    // What is out already stays out, even when that is more than the new limit. Any thread.
    void set_max(std::size_t max);

    std::size_t max() const { return static_cast<std::size_t>(max_.load()); }

    // That of one shard, which it counts from 0.
    Share& share(unsigned index);

private:
    bool draw(std::int64_t least, std::int64_t most, std::int64_t& drawn);
    void call_in();
    void poke_waiting(const Share* by);

    const unsigned count_;
    std::atomic<std::int64_t> max_;
    std::atomic<std::int64_t> block_;  // How much is lent at a time.
    // These two are read by all and seldom written, so they have a cache line of their own.
    alignas(64) std::atomic<std::int64_t> rest_;  // Below 0 when more is out than there may be.
    std::atomic<unsigned> waiting_ = 0;           // Shares that wait for some.
    std::unique_ptr<Share[]> shares_;             // NOLINT(modernize-avoid-c-arrays): not movable.
};

// One shard's part. Used by that shard only, but for what the allowance does with its atomics.
class alignas(64) Allowance::Share {
public:
    // Whether it could be had.
    bool take(std::size_t count) {
        const auto wanted = static_cast<std::int64_t>(count);
        auto idle = idle_.load(std::memory_order_relaxed);
        while (idle >= wanted && all_->rest_.load(std::memory_order_relaxed) >= 0) {
            if (idle_.compare_exchange_weak(idle, idle - wanted)) {
                taken_ += count;
                return true;
            }
        }
        return borrow(wanted);
    }

    // Takes it in any case, for what exists already.
    void take_now(std::size_t count);

    void give(std::size_t count) {
        taken_ -= count;
        const auto added = static_cast<std::int64_t>(count);
        const auto idle = idle_.fetch_add(added) + added;
        if (idle > 2 * all_->block_.load(std::memory_order_relaxed) || all_->waiting_.load() > 0) {
            give_back();
        }
    }

    // So many for as long as that lives; an empty one if they could not be had.
    Hold hold(std::size_t count);

    // What another shard has given away by Hold::leave().
    Hold adopt(std::size_t count);

    // What this shard has.
    std::size_t taken() const { return taken_; }

    // Whether take(1) would succeed.
    bool has_rest() { return all_->rest_.load(std::memory_order_relaxed) > 0 || rest() > 0; }

    // How many could be taken; below 0 when more is out than there may be.
    std::int64_t rest();

    // What all shards have; what lies idle with the others, at most an eighth of the limit, counts.
    std::size_t lent() const {
        return static_cast<std::size_t>(std::max<std::int64_t>(all_->max_ - all_->rest_ - idle_, 0)
        );
    }

    std::size_t max() const { return all_->max(); }

    // `poke` is called when there may be more for this shard, which waits for so many, 0: not any
    // more. Whoever begins to wait tries once again: some may have been given back before.
    void wait_for(std::size_t count);

    bool has_others() const { return all_->count_ > 1; }

    // Pokes the other shards: perhaps they can do without so many.
    void ask_others(std::size_t count);

    // The same, and what is the least worth there may be cut for it.
    void press_others(std::size_t count);

    void stop_asking() { asked_ = pressed_ = 0; }

    // The most that another shard has asked for beyond what there is, or 0; the same of those that
    // press.
    std::size_t missed_by_others() { return missed(&Share::asked_); }

    std::size_t pressed_by_others() { return missed(&Share::pressed_); }

    // Has to make this shard call poked() soon. Called on any thread; set before there are others.
    std::function<void()> poke;

    // From now on poke is called again.
    void poked() { is_poked_ = false; }

private:
    friend class Allowance;

    friend class Hold;

    bool borrow(std::int64_t wanted);
    void give_back();
    void poke_once();
    std::size_t missed(std::atomic<std::size_t> Share::* what);

    Allowance* all_ = nullptr;
    std::atomic<std::int64_t> idle_ = 0;
    std::size_t taken_ = 0;
    alignas(64) std::atomic<std::size_t> wanted_ = 0;  // While it waits.
    std::atomic<std::size_t> asked_ = 0;               // What it asked for last,
    std::atomic<std::size_t> pressed_ = 0;             // and pressed for.
    std::atomic<bool> is_poked_ = false;
};

// What a shard has taken, for as long as this lives.
class Allowance::Hold {
public:
    Hold() = default;

    Hold(Share& share, std::size_t count) : share_(&share), count_(count) {}

    Hold(Hold&& other) noexcept
        : share_(std::exchange(other.share_, nullptr)), count_(other.count_) {}

    Hold& operator=(Hold&& other) noexcept {
        Hold(std::move(other)).swap(*this);
        return *this;
    }

    ~Hold() {
        if (share_ != nullptr) share_->give(count_);
    }

    explicit operator bool() const { return share_ != nullptr; }

    // It goes to another shard, which has to adopt() it.
    void leave() { std::exchange(share_, nullptr)->taken_ -= count_; }

private:
    void swap(Hold& other) noexcept {
        std::swap(share_, other.share_);
        std::swap(count_, other.count_);
    }

    Share* share_ = nullptr;
    std::size_t count_ = 0;
};

inline Allowance::Hold Allowance::Share::hold(std::size_t count) {
    return take(count) ? Hold(*this, count) : Hold();
}

inline Allowance::Hold Allowance::Share::adopt(std::size_t count) {
    taken_ += count;
    return {*this, count};
}

}  // namespace gw::async
