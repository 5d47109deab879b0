#include "upstream/http/event_reader.hpp"

#include <utility>

namespace gw::upstream {

Task<Result<Buffer>> EventReader::next() {
    for (;;) {
        while (has_more_) {
            auto found = parser_.next(event_);
            if (!found) {
                co_return fail(
                    Errc::upstream_failed,
                    "upstream sent an event over the limit (limits.upstream_body_bytes_max)"
                );
            }
            has_more_ = *found;
            const bool is_message = event_.event.empty() || event_.event == "message";
            if (has_more_ && event_.has_data && !event_.data.empty() && is_message) {
                co_return std::move(event_.data);
            }
        }
        GW_CO_TRY(const auto piece, co_await from_.next_piece());
        if (piece.empty()) co_return Buffer();
        parser_.feed(piece);
        has_more_ = true;
    }
}

}  // namespace gw::upstream
