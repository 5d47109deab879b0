#pragma once

#include "mcp/peer.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/environment.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/http/http_link.hpp"

#include <memory>

namespace gw::upstream {

// A server of the HTTP+SSE transport (MCP 2024-11-05, basic/transports): all that it says comes on
// the event stream that a GET of its URL opens; the stream's first event names where messages are
// posted to. All references outlive the link.
//
// There is no resuming: when the stream ends, the session is lost. close() must be awaited after a
// failed open() too.
std::unique_ptr<Link> make_sse_link(
    Environment& around,
    const Config& config,
    HttpOrigin origin,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
);

}  // namespace gw::upstream
