#pragma once

#include "gateway/call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::gateway {

// What the call's session sees: the view that all sessions of its kind share, except for the
// upstream servers that have told this session of changes; those are listed by its own upstream
// session from then on (some servers have resources that exist in one session only).
Task<Result<catalog::HeldView>> session_view(Call& call);

// The same, but waits for servers that are still starting, if this session has not done so before:
// many clients list once, and do not heed what comes later.
Task<Result<catalog::HeldView>> settled_view(Call& call);

// The servers of which nothing is known, and why, for the end of a sentence; empty when there are
// none.
std::string missing_servers(const catalog::VisibleView& view);

// Whether a stateless client, which is told what there is with each answer of server/discover, may
// be passed on to the only server of a view with a name of this kind that it does not list. Those
// with sessions always may.
bool may_have_more(const Call& call, const catalog::VisibleView& view, catalog::Kind kind);

// The shared view when that is all this session sees and it is there: then nobody has to wait.
std::optional<catalog::VisibleView> quick_view(Call& call);

// The servers of the view of which `offers` is true, for a request that goes to several.
Result<std::vector<mcp::PeerHandle>> connect_to_all(
    Call& call,
    const catalog::VisibleView& view,
    bool (*offers)(const catalog::ServerProfile& profile)
);

}  // namespace gw::gateway
