#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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

// A name with that of its server in front of it.
struct QualifiedName {
    std::string name;
    bool is_hashed = false;  // It ends in a hash of (upstream, original), as no other name does.
};

// slug(prefix) + separator + slug(original). What would be longer than name_size_max, or ends like
// a hash, or has nothing of the original in it, is cut and ends in a hash instead. What is not
// hashed may turn out to be the name of something else as well: then all of these are called by
// hashed_name(), so that one more server never gives a name another target.
QualifiedName qualify(const Named& named, std::string_view separator);

// `qualified`, a name that qualify() made for it, with its hash.
std::string hashed_name(std::string_view qualified, const Named& named, std::string_view separator);

}  // namespace gw::catalog
