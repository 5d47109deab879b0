#pragma once

#include "base/error.hpp"
#include "mcp/revision.hpp"
#include "web/refusal.hpp"

namespace gw::transport {

// How one kind of failure looks to a client.
struct Wire {
    int status;  // Of HTTP, when the answer is not yet a stream.
    int code;    // Of JSON-RPC.
};

// The one place that knows these numbers. `revision` is the one that the client speaks, as far as
// that is known.
Wire on_wire(Errc kind, mcp::Revision revision = mcp::newest_with_sessions);

// The same for what HTTP has a status of its own for.
Wire on_wire(web::HttpFault fault, mcp::Revision revision = mcp::newest_with_sessions);

}  // namespace gw::transport
