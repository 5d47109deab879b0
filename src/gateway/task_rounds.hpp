#pragma once

#include "gateway/call.hpp"
#include "gateway/steady_progress.hpp"

namespace gw::gateway {

// True when a stateless server refused the call because the tasks extension was not declared.
bool needs_tasks(const Result<mcp::Answer>& answer);

// Follows the task that a stateless server began with `created` (SEP-2663) to its end, for a client
// of the session era, which knows no such tasks: polls, asks the client what the server requires,
// cancels when the call is withdrawn or an hour is over. The outcome is what the call would have
// come to without a task.
Task<Result<mcp::Answer>> follow_task(
    Call& call, mcp::Peer& peer, SteadyProgress& caller, mcp::Completed created
);

}  // namespace gw::gateway
