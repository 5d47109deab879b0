#pragma once

#include <string_view>
#include <vector>

// What a list says of resources that are not in it.
namespace gw::catalog {

// "scheme://authority" and "scheme:" of a URI, as far as it has them: views into it.
std::vector<std::string_view> prefixes(std::string_view uri);

// The URIs of scheme "ui" that stand in `tool`, checked JSON text, as it writes them, with their
// quotes: views into it. A tool of an MCP App names the resource that shows its results
// (_meta.ui.resourceUri).
std::vector<std::string_view> app_resources(std::string_view tool);

}  // namespace gw::catalog
