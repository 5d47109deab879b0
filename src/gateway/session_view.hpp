#pragma once

#include "gateway/call.hpp"

#include <vector>

namespace gw::gateway {

// What the call's session sees: the view that all sessions of its kind share, except for the
// upstream servers that have told this session of changes; those are listed by its own upstream
// session from then on (some servers have resources that exist in one session only).
Task<Result<catalog::ViewHandle>> session_view(Call& call);

// The shared view when that is all this session sees and it is there: then nobody has to wait.
const catalog::View* quick_view(Call& call);

// The servers of the view of which `offers` is true, for a request that goes to several.
Result<std::vector<mcp::Peer*>> connect_to_all(
    Call& call, const catalog::View& view, bool (*offers)(const catalog::ServerProfile& profile)
);

// Errc::unknown_method for a stateless client when what is asked for is not offered: it is told
// what there is with each answer of server/discover, and has no older word to hold us to.
Result<void> check_offered(const Call& call, bool is_offered);

}  // namespace gw::gateway
