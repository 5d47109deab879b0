#pragma once

#include "mcp/peer.hpp"
#include "upstream/config.hpp"
#include "upstream/environment.hpp"
#include "upstream/era.hpp"
#include "upstream/link.hpp"
#include "upstream/process_limits.hpp"

#include <memory>

namespace gw::upstream {

// A server that is a child process and speaks over its stdin and stdout (MCP, basic/transports,
// stdio), in either era: what is not known by `verdict` or configuration is asked first. What it
// writes to stderr goes to the log. All references outlive the link.
//
// open() starts the process, after a pause if it crashed lately; close() must be awaited after a
// failed one too. A call to a process that is gone fails with Errc::unknown_session if not a byte
// of it was written; the link is not usable then, and a new one has to be made.
std::unique_ptr<Link> make_stdio_link(
    Environment& around,
    const Config& config,
    ProcessLimits& processes,
    EraVerdict& verdict,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
);

}  // namespace gw::upstream
