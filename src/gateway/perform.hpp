#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Makes the call of a method in whose course the client may be asked something (tools/call,
// prompts/get, resources/read), in the way that the client's revision has for that. `peer` is what
// the permit for `upstream` led to; call.request is ready to go there.
Task<Result<mcp::Answer>> perform(Call& call, mcp::Peer& peer, auth::UpstreamIndex upstream);

}  // namespace gw::gateway
