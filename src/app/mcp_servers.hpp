#pragma once

#include "app/environment.hpp"
#include "app/report.hpp"
#include "app/settings.hpp"

#include <string_view>

namespace gw::app {

// Adds the upstreams of a file that Claude Desktop, Claude Code, Cursor or VS Code keep: JSON with
// "mcpServers" (or "servers") and, for each, "command", "args", "env", "cwd" or "url", "headers",
// and "type". What the file says to its program alone is passed over, with a warning where it
// stands beside what we read. Everything wrong is reported; then `settings` is of no use.
void read_mcp_servers(
    std::string_view text, const Environment& environment, FileReport& report, Settings& settings
);

}  // namespace gw::app
