#include "upstream/http/event_reader.hpp"

#include "async/deadline.hpp"

#include <utility>

namespace gw::upstream {

Task<Result<bool>> EventReader::next(http::Event& event) {
    hold_ = {};
    for (;;) {
        if (has_more_) {
            const auto found = parser_.next(event);
            if (!found || event.id.size() + event.event.size() > small_body) {
                is_over_limit_ = true;
                co_return fail(
                    Errc::upstream_failed,
                    "upstream sent an event over the limit (limits.upstream_body_bytes_max)"
                );
            }
            has_more_ = *found;
            if (has_more_) {
                hold_ = room_.finish(event.data.size());
                co_return true;
            }
            if (!room_.has(parser_.unfinished())) {
                GW_CO_DO(co_await reserve(parser_.unfinished()));
            }
        }
        GW_CO_TRY(const auto piece, co_await from_.next_piece());
        if (piece.empty()) co_return false;
        parser_.feed(piece);
        has_more_ = true;
    }
}

Task<Result<void>> EventReader::reserve(std::size_t size) {
    auto& shard = around_.shard;
    const async::Deadline deadline(shard.wheel(), shard.now() + room_wait_, co_await this_fiber());
    auto done = co_await room_.take(size);
    is_over_limit_ = !done;
    co_return done;
}

std::shared_ptr<void> EventReader::take_hold() {
    return shared(std::exchange(hold_, {}));
}

}  // namespace gw::upstream
