#pragma once

#include "mcp/peer.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/stdio/stdio_server.hpp"

#include <memory>

namespace gw::upstream {

// A link to a server that is a child process and speaks over its stdin and stdout (MCP,
// basic/transports, stdio), in either era. It shares the process of a stateless server with other
// links. All references outlive the link.
//
// open() starts the process if there is none to share. A call to a process that is gone fails with
// Errc::unknown_session if not a byte of it was written; the link is not usable then, and a new one
// has to be made.
std::unique_ptr<Link> make_stdio_link(
    StdioServer& server, mcp::Exchange& outside, const LinkPurpose& purpose
);

}  // namespace gw::upstream
