#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"

#include <cstddef>

namespace gw::upstream {

// Reads the messages of an event stream, one after the other. A stream that broke off is not
// resumed.
class EventReader {
public:
    // `from` has received its head, and outlives it. `event_bytes_max`: of one event.
    EventReader(http::ClientConnection& from, std::size_t event_bytes_max)
        : from_(from), parser_(event_bytes_max) {}

    // Waits for the next event of type "message" that has data, and returns the data; empty at the
    // end of the stream. Errc::upstream_failed when an event is over the limit; else the errors of
    // ClientConnection::next_piece().
    Task<Result<Buffer>> next();

private:
    http::ClientConnection& from_;
    http::EventParser parser_;
    http::Event event_;
    bool has_more_ = false;  // Of what was fed to the parser.
};

}  // namespace gw::upstream
