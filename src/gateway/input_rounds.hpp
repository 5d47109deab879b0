#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Has the user told which server asks, if there are several behind what the client sees as one.
void name_asker(Call& call, const catalog::VisibleView& view);

// Passes call.request on to call.server. When that is a stateless server that needs input first, a
// client of the session era is asked, and the call is made again with its answers, until it is
// complete. A stateless client gets the InputRequired as it is: it makes the call again itself.
Task<Result<mcp::Answer>> pass_on(Call& call);

}  // namespace gw::gateway
