#pragma once

#include "mcp/peer.hpp"

#include <string_view>

namespace gw::gateway {

// How a client of any revision is told what no code of the protocol says: the model as the outcome
// of its tool, which it can act on, everybody else as an internal error.
mcp::Answer failed_call(std::string_view method, std::string_view text);

}  // namespace gw::gateway
