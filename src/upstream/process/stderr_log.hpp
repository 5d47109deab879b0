#pragma once

#include "base/task.hpp"
#include "upstream/ground/bounded_log.hpp"
#include "upstream/process/process_descriptor.hpp"

namespace gw::upstream {

// Writes to the log what a server says on its stderr, until that ends, is closed, or the wait is
// cancelled (MCP, basic/transports, stdio: it "MAY write UTF-8 strings to its standard error"). A
// line over 8 KiB comes in pieces. Both outlive the task.
Task<> log_stderr(Descriptor& errors, BoundedLog& log);

}  // namespace gw::upstream
