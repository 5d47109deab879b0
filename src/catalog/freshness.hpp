#pragma once

#include "base/clock.hpp"
#include "catalog/listing.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace gw::catalog {

// Until when the lists of one upstream server may be kept. All views of them share it: listing
// again what turns out to be the same moves it on, and makes no new view. Written on the
// catalogue's shard, read on all.
class Freshness {
public:
    // `listing` was fetched at `now`.
    void update(const Listing& listing, TimePoint now) {
        for (const auto kind : kinds) {
            const auto& hint = listing.hint_of(kind);
            const auto until = hint.ttl ? now + *hint.ttl : TimePoint::max();
            until_[static_cast<std::size_t>(kind)] = until.time_since_epoch().count();
        }
    }

    // TimePoint::max() when the server does not say.
    TimePoint until(Kind kind) const {
        return TimePoint(TimePoint::duration(until_[static_cast<std::size_t>(kind)].load()));
    }

private:
    std::array<std::atomic<TimePoint::rep>, kind_count> until_{};
};

}  // namespace gw::catalog
