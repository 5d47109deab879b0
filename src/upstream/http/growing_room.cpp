#include "upstream/http/growing_room.hpp"

#include "async/sleep.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::seconds before_others_are_cut{30};

std::unexpected<Error> no_room(Errc kind = Errc::timed_out) {
    return fail(kind, "the answer came, but there is no room for it (streams.buffered_bytes_max)");
}

}  // namespace

Task<Result<async::Budget::Hold>> take_room(async::Budget& budget, std::size_t size) {
    auto hold = co_await budget.take(size);
    if (hold || (co_await this_fiber()).is_cancelled) co_return hold;
    const bool can_wait = hold.error().kind == Errc::cancelled;
    co_return no_room(can_wait ? Errc::timed_out : Errc::upstream_failed);
}

// In steps that double, so that there are few.
Task<Result<void>> GrowingRoom::take(std::size_t size) {
    const auto limit = around_.budget.limit();
    if (size > limit) co_return no_room(Errc::upstream_failed);
    while (!has(size)) {
        const auto step = std::min(small_body + hold_.size(), limit - hold_.size());
        if (hold_.size() == 0) {
            GW_CO_TRY(hold_, co_await take_room(around_.budget, step));
            continue;
        }
        auto more = try_more(step);
        // Who has a part does not stand in the queue: all that is wanted there may be in its hands.
        const auto cuts_at = around_.shard.now() + before_others_are_cut;
        while (!more) {
            auto& wheel = around_.shard.wheel();
            const auto next = wheel.now() + look_again;
            if (!co_await async::sleep_until(around_.shard, wheel, next)) co_return no_room();
            if (wheel.now() > cuts_at) more = co_await around_.budget.take_soon(wheel, step);
            if (!more) more = try_more(step);
        }
        hold_.add(*std::move(more));
    }
    co_return Result<void>();
}

std::optional<async::Budget::Hold> GrowingRoom::try_more(std::size_t step) {
    auto& budget = around_.budget;
    if (auto more = budget.try_take(step)) return more;
    goes_beyond_ = goes_beyond_ || budget.used_by_all() <= budget.limit();
    if (!goes_beyond_) return {};
    return budget.take_now(step);
}

async::Budget::Hold GrowingRoom::finish(std::size_t size) {
    goes_beyond_ = false;
    auto exact = size > small_body ? around_.budget.take_now(size) : async::Budget::Hold();
    hold_ = {};
    return exact;
}

}  // namespace gw::upstream
