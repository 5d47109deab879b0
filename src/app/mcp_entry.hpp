#pragma once

#include "app/document.hpp"
#include "app/environment.hpp"
#include "app/settings.hpp"

#include <string>

namespace gw::app {

// The file in which an entry stands, for ${workspaceFolder} and its like.
struct EntryPlace {
    std::string section;      // "mcpServers"
    std::string workspace;    // The folder above .vscode or .cursor, else that of the file.
    bool is_editors = false;  // It lies in .vscode or .cursor: programs start in the workspace.
};

// Whether the server is switched off.
bool is_off(const Node& entry);

// Reads one server of a client's file into the last upstream of `settings`. `entry` is a map.
void read_mcp_entry(
    const std::string& shown,
    const Node& entry,
    const EntryPlace& place,
    const Environment& environment,
    FileReport& report,
    Settings& settings
);

}  // namespace gw::app
