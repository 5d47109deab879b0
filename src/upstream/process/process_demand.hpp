#pragma once

#include <chrono>
#include <optional>
#include <sys/types.h>

namespace gw::upstream {

// How long a process and what it has started have used a processor or waited for one, until now.
// What waits for a processor counts, because on a busy machine nothing gets much of one. Nothing
// when the system does not tell (proc_pid_schedstat). It reads some small files of /proc, and never
// waits.
std::optional<std::chrono::nanoseconds> processor_demand(pid_t process);

}  // namespace gw::upstream
