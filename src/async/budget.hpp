#pragma once

#include "async/allowance.hpp"
#include "async/event.hpp"
#include "async/wheel.hpp"
#include "base/error.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace gw::async {

// How many bytes a shard may hold for others at a time, of what all shards may. Whoever wants to
// buffer much takes its part first, in turn, and waits when there is none left.
class Budget {
public:
    // `share` outlives this. Its poke is to make the shard call look_around().
    Budget(Loop& loop, Allowance::Share& share) : loop_(loop), share_(share) {}

    // For one shard alone.
    Budget(Loop& loop, std::size_t bytes_max)
        : loop_(loop), own_(std::make_unique<Allowance>(bytes_max, 1)), share_(own_->share(0)) {}

    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    ~Budget() { share_.wait_for(0); }

    // A part of the budget; it goes back when this is destroyed.
    class Hold {
    public:
        Hold() = default;

        Hold(Hold&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), size_(other.size_) {}

        Hold& operator=(Hold&& other) noexcept {
            std::swap(budget_, other.budget_);
            std::swap(size_, other.size_);
            return *this;
        }

        ~Hold() {
            if (budget_ != nullptr) budget_->give_back(size_);
        }

        // The two become one; they are of the same budget.
        void add(Hold other) {
            if (budget_ == nullptr) return std::swap(*this, other);
            if (std::exchange(other.budget_, nullptr) != nullptr) size_ += other.size_;
        }

        std::size_t size() const { return budget_ == nullptr ? 0 : size_; }

    private:
        friend class Budget;

        Hold(Budget& budget, std::size_t size) : budget_(&budget), size_(size) {}

        Budget* budget_ = nullptr;
        std::size_t size_ = 0;
    };

    // Waits for `size` bytes; a bound comes from the fiber's deadline. Errc::payload_too_large when
    // they can never be had, cancelled when the wait was ended.
    Task<Result<Hold>> take(std::size_t size);

    // The same without waiting: takes them even when that goes beyond the limit. For what exists
    // already.
    Hold take_now(std::size_t size) {
        share_.take_now(size);
        return {*this, size};
    }

    // The same where nobody waits: nothing when they cannot be had at once. So many bytes more are
    // left for others.
    std::optional<Hold> try_take(std::size_t size, std::size_t left_over = 0);

    // The same for whom it is better to be refused than to wait for long: it waits a moment where
    // something is on its way back, because other shards look what they can do without, or what was
    // cut is still ending.
    Task<std::optional<Hold>> take_soon(Wheel& wheel, std::size_t size, std::size_t left_over = 0);

    // True when whoever comes now would have to wait.
    bool is_exhausted() {
        if (waiting_.empty() && share_.has_rest()) return false;
        help_waiting();
        if (waiting_.empty()) make_room(1);
        return !waiting_.empty() || !share_.has_rest();
    }

    // Makes room for the first that waits, if there is one: something more can be done without.
    void help_waiting() {
        if (!waiting_.empty()) make_room(waiting_.front().size);
    }

    // Gives back at least so many bytes of what can be done without, if there are as many. Asked
    // before anybody waits or is refused.
    std::function<void(std::size_t)> relieve;

    // Ends the work that holds so many bytes and is the least worth of them, and is true when some
    // of them will come back soon. Asked when relieve() was not enough, before anybody is refused.
    std::function<bool(std::size_t)> cut;

    // Does what can be done for those that wait, again: here, and at other shards. To come once a
    // second: for one that has waited half a minute, others are cut.
    void press();

    // There may be more than before, or others need what this shard can do without.
    void look_around();

    // What this shard holds.
    std::size_t used() const { return share_.taken(); }

    // What all shards hold, about.
    std::size_t used_by_all() const { return share_.lent(); }

    // Of all shards.
    std::size_t limit() const { return share_.max(); }

private:
    struct Turn : boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        Turn(Loop& loop, std::size_t wanted) : event(loop), size(wanted) {}

        Event event;
        std::size_t size;
        unsigned pressed = 0;  // How often press() came while it was the first.
    };

    void give_back(std::size_t size) {
        share_.give(size);
        if (!waiting_.empty()) serve();
    }

    void serve();
    void make_room(std::size_t size);
    bool cut_for(std::size_t size);
    Task<std::optional<Hold>> try_until(
        Wheel& wheel, TimePoint end, std::size_t size, std::size_t left_over
    );

    Loop& loop_;
    std::unique_ptr<Allowance> own_;
    Allowance::Share& share_;
    boost::intrusive::list<Turn, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace gw::async
