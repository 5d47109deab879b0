#pragma once

#include "app/settings.hpp"
#include "async/allowance.hpp"
#include "async/fair_shares.hpp"
#include "async/limited_queue.hpp"
#include "async/shared_count.hpp"

namespace gw::app {

// The limits of what all workers have together. Sessions and parked calls are counted exactly, by
// objects with a mutex; what is counted on the way of a call is lent to the workers.
struct CommonLimits {
    CommonLimits(const Settings& settings, unsigned workers);

    // A reload. From any thread.
    void set(const Settings& settings);

    async::SharedCount sessions;
    async::LimitedQueue parks;
    async::Allowance in_flight;
    async::Allowance connections;
    async::Allowance buffered_bytes;
    async::FairShares body_shares;  // Of them.
};

}  // namespace gw::app
