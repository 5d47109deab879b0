#include "upstream/process/process_demand.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace gw::upstream {

namespace {

constexpr std::size_t processes_max = 64;  // Of one tree that are looked at.

}  // namespace

// Linux, Documentation/scheduler/sched-stats.rst: "time spent on the cpu (in nanoseconds), time
// spent waiting on a runqueue", for each thread; and proc(5), /proc/PID/task/TID/children.
std::optional<std::chrono::nanoseconds> processor_demand(pid_t process) {
    std::vector<pid_t> tree{process};
    std::int64_t all = 0;
    bool is_known = false;
    for (std::size_t i = 0; i < tree.size() && i < processes_max; ++i) {
        const std::filesystem::path tasks = "/proc/" + std::to_string(tree[i]) + "/task";
        std::error_code error;
        auto task = std::filesystem::directory_iterator(tasks, error);
        const std::filesystem::directory_iterator end;
        for (; !error && task != end; task.increment(error)) {
            std::int64_t used = 0;
            std::int64_t waited = 0;
            if (std::ifstream(task->path() / "schedstat") >> used >> waited) is_known = true;
            all += used + waited;
            std::ifstream children(task->path() / "children");
            for (pid_t child = 0; children >> child;)
                tree.push_back(child);
        }
    }
    if (!is_known) return std::nullopt;
    return std::chrono::nanoseconds(all);
}

}  // namespace gw::upstream
