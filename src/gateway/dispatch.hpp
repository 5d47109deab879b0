#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Answers call.request in the words of the session's revision. The table of methods is in
// dispatch.cpp.
Task<Result<mcp::Answer>> dispatch(Call& call);

}  // namespace gw::gateway
