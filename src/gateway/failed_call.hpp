#pragma once

#include "mcp/peer.hpp"

#include <string_view>

namespace gw::gateway {

// The answer for a failure that has no JSON-RPC code: a tool result for tools/call, on which a
// model can act, -32603 for any other method.
mcp::Answer failed_call(std::string_view method, std::string_view text);

}  // namespace gw::gateway
