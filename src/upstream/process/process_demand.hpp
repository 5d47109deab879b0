#pragma once

#include <chrono>
#include <optional>
#include <sys/types.h>

namespace gw::upstream {

// How long a process and its descendants have used a processor or waited for one, in all, up to
// now. Waiting counts because on a busy machine nobody gets much of a processor. Of a large tree
// the first 64 processes count. Nothing when the system does not tell (proc_pid_schedstat) or the
// process is gone. It reads small files of /proc, and does not wait.
std::optional<std::chrono::nanoseconds> processor_demand(pid_t process);

}  // namespace gw::upstream
