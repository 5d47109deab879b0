#pragma once

#include "app/document.hpp"
#include "app/environment.hpp"

#include <optional>
#include <string>
#include <string_view>

// The variables that other programs know, and how they write them.
namespace gw::app {

// What editors know by themselves: workspaceFolder, workspaceFolderBasename, userHome, cwd,
// pathSeparator. `workspace` is the folder that the file belongs to.
std::optional<std::string> editor_variable(
    std::string_view name, const std::string& workspace, const Environment& environment
);

// Writes the variables in `node` as expand() reads them. Gemini CLI and Copilot CLI write $NAME: it
// is taken for a variable where it stands as a word of its own and is set. With `has_braces` also
// {env:NAME} and {file:NAME}, as OpenCode writes them.
void to_our_spelling(Node& node, bool has_braces, const Environment& environment);

// The folder to which a client's file belongs.
struct Workspace {
    std::string folder;
    bool is_editors = false;  // The file lies in the .vscode or .cursor of the folder.
};

Workspace workspace_of(const std::string& file, const std::string& folder);

}  // namespace gw::app
