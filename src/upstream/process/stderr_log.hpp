#pragma once

#include "base/task.hpp"
#include "upstream/ground/duplex_log.hpp"
#include "upstream/process/process_descriptor.hpp"

namespace gw::upstream {

// Writes to the log what a server says on its stderr, until that ends or the wait is cancelled
// (MCP, basic/transports, stdio: it "MAY write UTF-8 strings to its standard error"). A line that
// is too long comes in pieces.
Task<> log_stderr(Descriptor& errors, BoundedLog& log);

}  // namespace gw::upstream
