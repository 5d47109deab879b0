#pragma once

#include "async/budget.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "upstream/ground/link_resources.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace gw::upstream {

constexpr std::size_t small_body = std::size_t{64} * 1024;  // What is larger is counted.

// A part of the budget for an answer that is there. That there was none in time is not the
// server's fault: Errc::timed_out. Errc::upstream_failed when there can never be one.
Task<Result<async::Budget::Hold>> take_room(async::Budget& budget, std::size_t size);

// The part of the budget of something that comes piece by piece, of which nobody knows how large it
// will be.
class GrowingRoom {
public:
    // `around` outlives it.
    explicit GrowingRoom(LinkResources& around) : around_(around) {}

    // True when take(size) has nothing to do.
    bool has(std::size_t size) const { return size <= small_body + hold_.size(); }

    // Sees to it that there is room for `size` bytes in all, with the errors of take_room().
    // Several that have each a part would wait for each other for ever: while no more than the
    // limit is taken, one of them may go beyond it, to its end.
    Task<Result<void>> take(std::size_t size);

    // Ends with `size` bytes, which are there: gives back what is too much. Begins anew.
    async::Budget::Hold finish(std::size_t size);

private:
    std::optional<async::Budget::Hold> try_more(std::size_t step);

    LinkResources& around_;
    async::Budget::Hold hold_;
    bool goes_beyond_ = false;
};

// What is to be kept as long as the bytes; null when they are few.
inline std::shared_ptr<void> shared(async::Budget::Hold hold) {
    if (hold.size() == 0) return {};
    return std::make_shared<async::Budget::Hold>(std::move(hold));
}

}  // namespace gw::upstream
