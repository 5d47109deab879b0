#pragma once

#include "mcp/peer.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/http/http_link.hpp"

#include <memory>

namespace gw::upstream {

// A link to a server of the HTTP+SSE transport (MCP 2024-11-05, basic/transports). All that it says
// comes on the event stream that a GET of its URL opens; the first event names where messages are
// posted to. All references outlive the link.
//
// A stream cannot be resumed: when it ends, the session is lost, and the link is not usable.
std::unique_ptr<Link> make_sse_link(
    LinkResources& around,
    const Config& config,
    HttpOrigin origin,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
);

}  // namespace gw::upstream
