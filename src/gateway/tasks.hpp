#pragma once

#include "gateway/call.hpp"

// Tasks: calls that go on behind an id when they have been answered (SEP-2663). Servers and clients
// each have their own ids for them.
namespace gw::gateway {

// The result by which the server `from` began a task, with the id that is for this client only.
Result<mcp::Answer> with_our_task_id(
    const Call& call, mcp::Completed created, auth::UpstreamIndex from
);

// Errc::capability_missing unless the client declared the extension with this very request.
Result<void> check_declares_tasks(const Call& call);

}  // namespace gw::gateway
