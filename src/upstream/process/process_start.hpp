#pragma once

#include "base/task.hpp"
#include "net/shard.hpp"
#include "upstream/process/start_queue.hpp"

#include <sys/types.h>

// How processes wait for a processor to start on.
namespace gw::upstream {

// Waits until place.may_start(). False when the wait was cancelled, also by a deadline. `shard` is
// the current one.
Task<bool> wait_for_turn(net::Shard& shard, StartQueue::Place& place);

// Leaves the place once the process uses little of a processor, because it waits for the network or
// sleeps; after 10 s in any case, so that one which works without end does not hold the others up.
// When it is cancelled it returns, and the place is kept.
Task<> leave_when_started(net::Shard& shard, pid_t process, StartQueue::Place& place);

}  // namespace gw::upstream
