#pragma once

#include "async/budget.hpp"
#include "async/deadline.hpp"
#include "async/fair_shares.hpp"
#include "base/buffer.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <string>

namespace gw::web {

// What a request may have without taking part in the budget: limits.in_flight_max bounds it.
constexpr std::size_t small_request = 2 * Buffer::usual;

// What bodies leave of the budget, whatever is under way.
inline std::size_t left_for_answers(const async::Budget& budget) {
    return budget.limit() / 4;
}

// For what is larger there never is room.
inline std::size_t largest_request(const async::Budget& budget) {
    return small_request + budget.limit() - left_for_answers(budget);
}

// What a request has that takes part in the budget of buffered bytes with its body, until it is
// answered. While it is being read, `deadline` ends that, and outlives it.
struct LargeBody
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    LargeBody(async::FairShares& shares, std::string_view owner, async::Deadline& reading)
        : part(shares, std::string(owner)), deadline(reading) {}

    // It has come, or will not any more.
    void end_reading() {
        if (is_linked()) unlink();
        part.keep();
    }

    async::FairShares::Part part;
    async::Deadline& deadline;
    bool gives_way = false;
};

// The large bodies that are being read on one shard. Where one finds no room, the oldest of the
// owner who has the most give way, so that nobody can keep all others out by sending slowly.
class LargeBodies {
public:
    explicit LargeBodies(async::FairShares& shares) : shares_(shares) {}

    void add(LargeBody& body) { bodies_.push_back(body); }

    // Ends those that others have a claim on; true when some bytes will come back soon.
    bool give_way() {
        bool some = false;
        if (!shares_.has_claims()) return some;
        for (auto& body : bodies_) {
            if (!body.part.is_claimed()) continue;
            body.gives_way = some = true;
            body.deadline.end();
        }
        return some;
    }

private:
    async::FairShares& shares_;
    boost::intrusive::list<LargeBody, boost::intrusive::constant_time_size<false>> bodies_;
};

}  // namespace gw::web
