#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "mcp/revision.hpp"
#include "web/refusal.hpp"
#include "web/reply.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace gw::transport {

// Appends the whole response that says what failed: a JSON-RPC error with `id`; when that is empty,
// with null, or without one where the revision wants that. Returns the status.
int append_failure(
    Buffer& out,
    web::ReplyHead head,
    const Error& error,
    std::string_view id,
    mcp::Revision revision = mcp::newest_with_sessions
);

// The same for what HTTP has a status of its own for.
int append_fault(
    Buffer& out,
    web::ReplyHead head,
    web::HttpFault fault,
    const Error& error,
    mcp::Revision revision = mcp::newest_with_sessions
);

// What a client is told of an error, with the id under which the log has its detail.
std::string public_text(const Error& error, std::string_view correlation);

// Its data, JSON; empty when there is none, or when it says back too much of what the client sent.
std::string_view public_data(const Error& error);

// What a request of the session era is told whose header names none of our revisions.
std::unexpected<Error> unsupported_version();

}  // namespace gw::transport
