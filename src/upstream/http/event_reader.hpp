#pragma once

#include "async/budget.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/http/growing_room.hpp"

#include <cstddef>
#include <memory>

namespace gw::upstream {

// Reads the events of one stream, one after the other. What a large one holds is counted in the
// budget of buffered bytes from the moment on in which it has come. It knows nothing of resuming.
class EventReader {
public:
    // `from` has received its head, and outlives it, as `around` does. Room for an event is waited
    // for `room_wait` at most: two servers that have each sent half of one could wait for each
    // other.
    EventReader(LinkResources& around, http::ClientConnection& from, Time room_wait)
        : around_(around),
          from_(from),
          parser_(around.limits.body_bytes_max),
          room_wait_(room_wait),
          room_(around) {}

    // Waits for the next event and fills `event` with it; false at the end of the stream.
    // Errc::upstream_failed for an event that is over its limit or can never have room, timed_out
    // when there was no room in time; else the errors of ClientConnection::next_piece().
    Task<Result<bool>> next(http::Event& event);

    // True when next() has failed for a limit of ours. The stream itself may be whole.
    bool is_over_limit() const { return is_over_limit_; }

    // What the last event takes of the budget; keep it for as long as its data. Null: it is small.
    std::shared_ptr<void> take_hold();

private:
    Task<Result<void>> reserve(std::size_t size);

    LinkResources& around_;
    http::ClientConnection& from_;
    http::EventParser parser_;
    Time room_wait_;
    bool is_over_limit_ = false;
    bool has_more_ = false;     // Of what was fed to the parser.
    GrowingRoom room_;          // For what has come of an event.
    async::Budget::Hold hold_;  // Of the last event.
};

// True for events that bring a message: of that type, and with data.
inline bool has_message(const http::Event& event) {
    return event.has_data && !event.data.empty() &&
           (event.event.empty() || event.event == "message");
}

}  // namespace gw::upstream
