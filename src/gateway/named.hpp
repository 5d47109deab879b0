#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Finds and authorises what `params.name` names, puts the name that its server knows into the
// request, and passes it on. What else the client wrote stays as it is.
Task<Result<mcp::Answer>> call_named(Call& call, catalog::Kind kind);

}  // namespace gw::gateway
