#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Gateways may stand behind gateways, and by mistake behind themselves. Each run of one has a
// random id, which is no secret, and says in `_meta` of `initialize` and `server/discover` which
// ones its own servers lead to; who finds itself among them stands in a loop.
namespace gw::mcp {

// The ids of gateways, each once. At most `instances_max`, of letters, digits and hyphens only.
using Instances = std::vector<std::string>;

constexpr std::size_t instances_max = 32;
constexpr std::size_t instance_bytes_max = 64;

// The gateways that a server leads to.
struct Route {
    Instances instances = {};  // As far as they are known.
    bool leads_back = false;   // This gateway is one of them.
};

// Adds those of `more` that are not there yet, as long as there is room.
void join(Instances& all, const Instances& more);

// What a result of initialize or server/discover says of them to the gateway `own`. What is not
// well formed is left out.
Route parse_route(std::string_view result, std::string_view own);

// The member of such a result that says it, with a comma in front; empty when there is none.
std::string meta_member(const Instances& instances);

}  // namespace gw::mcp
