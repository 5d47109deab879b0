#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "catalog/pages.hpp"
#include "catalog/visible_view.hpp"
#include "mcp/capabilities.hpp"

#include <optional>

namespace gw::gateway {

// The catalogue as one shard sees it. A port: app connects it with the Catalogue, which may run on
// another shard. All that it gives is a view with what may be seen of it.
class Views {
public:
    virtual ~Views() = default;

    // The view of a virtual server for clients with these capabilities, or nothing when there is
    // none here yet. Read it before the first co_await only.
    virtual std::optional<catalog::VisibleView> current(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
    ) = 0;

    // The same; waits until it has been made. Upstream servers of which nothing is known are waited
    // for a little, and left out then. Fails only when it is withdrawn.
    virtual Task<Result<catalog::HeldView>> get(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
    ) = 0;

    // The same, but waits as long as there may be something better soon; not for long after
    // `since`, when the client first needed it.
    virtual Task<Result<catalog::HeldView>> settled(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities, TimePoint since
    ) = 0;

    // `view`, which was made of one that get() gave, for whom that was given.
    virtual catalog::HeldView seen(catalog::ViewHandle view) = 0;

    // How a virtual server shows what is behind it; empty for one that is gone. Valid until the
    // configuration changes.
    virtual const catalog::ViewRules& rules(auth::ServerNumber server) const = 0;

    // That of all cursors; outlives this.
    virtual const catalog::CursorSeal& seal() const = 0;

    // Pages of the views that all sessions share.
    virtual catalog::Pages& pages() = 0;
};

}  // namespace gw::gateway
