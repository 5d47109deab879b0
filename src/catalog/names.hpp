#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gw::catalog {

// Names of tools and prompts fit this, whatever is put in front of them (MCP 2025-11-25,
// server/tools, Tool Names; the conformance suite's limit).
constexpr std::size_t name_size_max = 64;

// One thing to be named: who has it, and what it is called there.
struct Named {
    std::string_view prefix;    // What its upstream server is called in names.
    std::string_view upstream;  // The server's key in the configuration.
    std::string_view original;
};

// The name of each under which clients see it: slug(prefix) + separator + slug(original). What
// would be longer than name_size_max, or the same as another, or ends like a hash, is cut and ends
// in a hash of (upstream, original) instead, all of those that collide: so that one more server
// never gives a name another target.
std::vector<std::string> qualify(const std::vector<Named>& all, std::string_view separator);

}  // namespace gw::catalog
