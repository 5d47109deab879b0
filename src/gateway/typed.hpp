#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Puts an answer to `call` into the form that results have for stateless clients: resultType, who
// answered, and how long a list or a resource may be kept (2026-07-28, server/utilities/caching).
void put_type(mcp::Answer& answer, const Call& call);

}  // namespace gw::gateway
