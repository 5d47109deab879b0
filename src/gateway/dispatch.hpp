#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Answers call.request; fit_answer() puts the answer into the words of the client's revision. The
// table of methods is in dispatch.cpp.
Task<Result<mcp::Answer>> dispatch(Call& call);

}  // namespace gw::gateway
