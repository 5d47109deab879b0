#pragma once

#include "mcp/peer.hpp"
#include "mcp/revision.hpp"

#include <string_view>

namespace gw::gateway {

// True when results may hold what the revision does not know.
bool needs_downgrade(mcp::Revision revision);

// Puts an answer to `method` into the words of `revision`: a resource_link becomes text with its
// URI, structuredContent goes (2025-03-26). What needs no change is not touched.
void downgrade(mcp::Answer& answer, std::string_view method, mcp::Revision revision);

}  // namespace gw::gateway
