#pragma once

#include "async/wheel.hpp"
#include "upstream/ground/server_log.hpp"

#include <cstddef>
#include <string_view>

namespace gw::upstream {

// Writes to the log what one upstream server says on stderr, and what is wrong with what it sends.
// A server that says much does not fill the log: lines over lines_per_second_max are counted, and
// the count is written before the next line.
class BoundedLog {
public:
    static constexpr std::size_t lines_per_second_max = 50;

    // All three outlive it. `config` is that of the server.
    BoundedLog(const Config& config, const ServerLog& log, const async::Wheel& wheel)
        : config_(config), log_(log), wheel_(wheel) {}

    // Passes the line to the log, or counts it.
    void write(std::string_view line);

private:
    const Config& config_;
    const ServerLog& log_;
    const async::Wheel& wheel_;
    TimePoint second_;  // When the second that is counted began.
    std::size_t written_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace gw::upstream
