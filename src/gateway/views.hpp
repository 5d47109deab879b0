#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "catalog/view.hpp"
#include "mcp/capabilities.hpp"

#include <cstdint>

namespace gw::gateway {

// The catalogue as one shard sees it. A port: app connects it with the Catalogue, which may run on
// another shard.
class Views {
public:
    virtual ~Views() = default;

    // The view of a virtual server for clients with these capabilities, or null when there is none
    // here yet. Read it before the first co_await only.
    virtual const catalog::View* current(
        std::uint16_t server, const mcp::ClientCapabilities& capabilities
    ) = 0;

    // The same; waits until it has been made. Upstream servers that are still starting are waited
    // for a little, and left out then.
    virtual Task<Result<catalog::ViewHandle>> get(
        std::uint16_t server, const mcp::ClientCapabilities& capabilities
    ) = 0;

    virtual const catalog::ViewRules& rules(std::uint16_t server) const = 0;

    virtual const catalog::CursorSeal& seal() const = 0;
};

}  // namespace gw::gateway
