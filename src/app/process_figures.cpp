#include "app/process_figures.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace gw::app {

namespace {

std::chrono::microseconds to_time(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

std::size_t count_descriptors() {
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/self/fd", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

ProcessFigures process_figures() {
    ProcessFigures figures;
    if (rusage used{}; ::getrusage(RUSAGE_SELF, &used) == 0) {
        figures.cpu = to_time(used.ru_utime) + to_time(used.ru_stime);
    }
    if (rlimit limit{}; ::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        figures.descriptors_max = limit.rlim_cur;
    }
    // Sizes in pages: of the whole address space, and of what is in memory (proc(5)).
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    if (std::ifstream in("/proc/self/statm"); in >> all >> resident) {
        figures.virtual_bytes = all * page;
        figures.resident_bytes = resident * page;
    }
    figures.descriptors = count_descriptors();
    return figures;
}

}  // namespace gw::app
