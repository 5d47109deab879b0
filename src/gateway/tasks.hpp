#pragma once

#include "gateway/call.hpp"
#include "gateway/task_id.hpp"

// Tasks: calls that go on behind an id when they have been answered, those of the extension
// (SEP-2663) and those of the core of 2025-11-25. Servers and clients each have their own ids for
// them. What clients get of the latter ClientTasks translates.
namespace gw::gateway {

// The result by which call.server, a stateless one, began a task, with the id that is for this
// client only.
Result<mcp::Answer> with_our_task_id(const Call& call, mcp::Completed created);

// What the id in call.request stands for, if this client got it from this virtual server. Whoever
// else has it learns nothing by it: Errc::invalid_params.
Result<TaskId> own_task(const Call& call);

// Puts the server's own id into what call.request says of the task that it belongs to, if that is
// one of this client at call.server.
void put_related_task(Call& call);

// The call is for the server that runs the task: the one of its name, however that is reached now.
// Errc::upstream_failed when `view` does not show it any more.
Result<void> connect_to_server_of(Call& call, const catalog::VisibleView& view, const TaskId& task);

// Errc::capability_missing unless the client declared the extension with this very request.
Result<void> check_declares_tasks(const Call& call);

}  // namespace gw::gateway
