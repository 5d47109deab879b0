#pragma once

#include "mcp/peer.hpp"
#include "mcp/revision.hpp"

#include <cstdint>
#include <string_view>

namespace gw::gateway {

// How a tool's structured content goes to revisions that have objects there only.
enum class Output : std::uint8_t {
    as_it_is,
    wrapped,  // As "result" of an object, which is what its outputSchema was made there.
};

// Puts a result into the words of `revision`: a resource_link becomes text with its URI and
// structuredContent goes (2025-03-26), or becomes an object (up to 2025-11-25). What needs no
// change is not touched. It is no coroutine, so that calls do not pay for a frame.
void downgrade(
    mcp::Completed& completed, std::string_view method, mcp::Revision revision, Output output
);

}  // namespace gw::gateway
