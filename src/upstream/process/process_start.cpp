#include "upstream/process/process_start.hpp"

#include "async/sleep.hpp"
#include "upstream/process/process_demand.hpp"

#include <chrono>

namespace gw::upstream {

namespace {

// How often it is looked whether a process may start, and whether one that starts works.
constexpr std::chrono::milliseconds turn_look{20};
constexpr std::chrono::milliseconds start_look{250};
constexpr std::chrono::seconds place_max{10};

}  // namespace

Task<bool> wait_for_turn(net::Shard& shard, StartQueue::Place& place) {
    while (!place.may_start()) {
        if (!co_await async::sleep_until(shard, shard.wheel(), shard.now() + turn_look)) {
            co_return false;
        }
    }
    co_return true;
}

Task<> leave_when_started(net::Shard& shard, pid_t process, StartQueue::Place& place) {
    const auto begin = shard.clock().now();
    auto last = begin;
    auto demanded = processor_demand(process);
    while (co_await async::sleep_until(shard, shard.wheel(), shard.now() + start_look)) {
        const auto now = shard.clock().now();
        const auto demand = processor_demand(process);
        // Less than before: a process of the tree has ended, and its part is not known any more.
        const bool is_known = demand && demanded && *demand >= *demanded;
        const bool is_busy = !is_known || (*demand - *demanded) * 4 > now - last;
        if (!is_busy || now - begin > place_max) co_return place.leave();
        demanded = demand;
        last = now;
    }
}

}  // namespace gw::upstream
