#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"

#include <cstddef>

namespace gw::upstream {

// The messages on an event stream, one after the other. It is not resumed.
class EventReader {
public:
    // `from` outlives it.
    EventReader(http::ClientConnection& from, std::size_t event_bytes_max)
        : from_(from), parser_(event_bytes_max) {}

    // The data of the next event of type "message"; empty at the end of the stream.
    Task<Result<Buffer>> next();

private:
    http::ClientConnection& from_;
    http::EventParser parser_;
    http::Event event_;
    bool has_more_ = false;  // Of what was fed to the parser.
};

}  // namespace gw::upstream
