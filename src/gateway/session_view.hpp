#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// What the call's session sees: the view that all sessions of its kind share, except for the
// upstream servers that have told this session of changes; those are listed by its own upstream
// session from then on (some servers have resources that exist in one session only).
Task<Result<catalog::ViewHandle>> session_view(Call& call);

// The shared view when that is all this session sees and it is there: then nobody has to wait.
const catalog::View* quick_view(Call& call);

}  // namespace gw::gateway
