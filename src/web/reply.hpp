#pragma once

#include "base/buffer.hpp"
#include "web/reply_start.hpp"

#include <cstddef>
#include <string_view>

namespace gw::web {

// The parts of a response head that depend on the request. What it refers to outlives it.
struct ReplyHead {
    explicit ReplyHead(const ReplyStart& first_lines) : start(first_lines) {}

    const ReplyStart& start;
    int status = 200;
    std::string_view content_type = ReplyStart::json_type;
    std::string_view more;     // Further header lines, each with its CRLF.
    std::string_view origin;   // Allowed to read the answer, when CORS is on and it was given.
    std::string_view exposed;  // Which headers it may read.
    std::string_view allow;    // The methods that the resource has.
    bool keeps_alive = true;
    bool has_content = true;  // Not in the answer to HEAD, which has the same head.
};

// Appends a head up to and including "Content-Length: " and the size, and the empty line.
void append_head(Buffer& out, const ReplyHead& head, std::size_t content_length);

// Appends the whole response.
void append_reply(Buffer& out, const ReplyHead& head, std::string_view content);

// Appends the head of a stream of events.
void append_stream_head(Buffer& out, const ReplyHead& head);

}  // namespace gw::web
