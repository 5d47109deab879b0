#pragma once

#include "base/task.hpp"
#include "net/shard.hpp"
#include "upstream/process/start_queue.hpp"

#include <sys/types.h>

// How processes wait for a processor to start on.
namespace gw::upstream {

// Waits for its turn. False when the wait was cancelled.
Task<bool> wait_for_turn(net::Shard& shard, StartQueue::Place& place);

// Gives the place to another when the process has no use for a processor, since it waits for the
// network or sleeps; and after a while in any case: one that works without end must not hold the
// others up.
Task<> leave_when_started(net::Shard& shard, pid_t process, StartQueue::Place& place);

}  // namespace gw::upstream
