#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "mcp/revision.hpp"
#include "transport/endpoint.hpp"
#include "transport/failure.hpp"
#include "transport/incoming.hpp"
#include "transport/reply_start.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::transport {

// The parts of a response head that depend on the request.
struct ReplyHead {
    explicit ReplyHead(const ReplyStart& first_lines) : start(first_lines) {}

    const ReplyStart& start;
    int status = 200;
    std::string_view content_type = ReplyStart::json_type;
    std::string_view session_id;  // Only in the answer to initialize.
    std::string_view more;        // Further header lines, each with its CRLF.
    std::string_view origin;      // Allowed to read the answer, when CORS is on and it was given.
    bool keeps_alive = true;
    bool has_content = true;         // Not in the answer to HEAD, which has the same head.
    std::optional<HttpFault> fault;  // What is answered when it is not what the error says.
};

// Appends a head up to and including "Content-Length: " and the size, and the empty line.
void append_head(Buffer& out, const ReplyHead& head, std::size_t content_length);

// Appends the whole response.
void append_reply(Buffer& out, const ReplyHead& head, std::string_view content);

// Appends the head of a stream of events.
void append_stream_head(Buffer& out, const ReplyHead& head);

// The whole response that says what failed: a JSON-RPC error with `id`; when that is empty, with
// null, or without one where the revision wants that. Returns the status.
int append_failure(
    Buffer& out,
    ReplyHead head,
    const Error& error,
    std::string_view id,
    mcp::Revision revision = mcp::newest_with_sessions
);

// Which origin may read the answer to this request: empty for none.
std::string_view readable_by(const Endpoint& endpoint, const Incoming& incoming);

// The answer to a preflight request (Fetch, CORS protocol).
void append_preflight(Buffer& out, Endpoint& endpoint, const Incoming& incoming);

// What a client is told of an error, with the id under which the log has its detail.
std::string public_text(const Error& error, std::string_view correlation);

// Its data, JSON; empty when there is none, or when it says back too much of what the client sent.
std::string_view public_data(const Error& error);

}  // namespace gw::transport
