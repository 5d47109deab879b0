#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gw::app {

// What the system says of this process; 0 where it does not.
struct ProcessFigures {
    std::chrono::microseconds cpu{};  // Of user and system.
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::size_t descriptors = 0;
    std::uint64_t descriptors_max = 0;
};

// Takes a while where many descriptors are open.
ProcessFigures process_figures();
std::size_t count_descriptors();

}  // namespace gw::app
