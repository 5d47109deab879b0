#pragma once

#include "app/settings.hpp"

#include <optional>
#include <span>
#include <string_view>

// What MCP clients write into their files, and what it means here. A key that another client uses
// is a row of these tables.
namespace gw::app {

enum class Means {
    command,  // A program; a list or a map may hold its arguments too.
    args,
    env,       // Variables of the program.
    env_file,  // A file with more of them.
    cwd,
    url,
    headers,
    request_options,  // A map with "headers" in it.
    type,
    timeout,
    shown_tools,  // The only ones that are shown.
    hidden_tools,
    disabled,  // true: the server is off.
    enabled,   // false: it is off.
    nothing,   // Says nothing that we do not know.
    sign_in,   // The client signs in for its user; we can only send a header.
    refused,   // The server would not work without.
};

struct ClientKey {
    std::string_view name;
    Means means;
    std::string_view clients;       // Who writes it; empty: most.
    std::string_view instead = {};  // Of what is refused: why, and what to write.
};

std::span<const ClientKey> client_keys();

// Null for a key that means nothing here: what asks a user before a tool is called, for example.
const ClientKey* find_client_key(std::string_view name);

// What "type" says. To VS Code "http" means what `auto` means to us.
struct ServerKind {
    std::string_view name;
    bool is_remote;
    UpstreamTransport transport = UpstreamTransport::automatic;
};

const ServerKind* find_server_kind(std::string_view name);

// Where servers stand: maps by name, or lists of maps that have a "name".
//   mcpServers       most; in the file of Claude Code also in each of "projects"
//   servers          VS Code
//   context_servers  Zed
//   mcp              OpenCode; "servers" in it: OpenCode since 2, settings.json of VS Code
bool is_server_section(std::string_view key);

}  // namespace gw::app
