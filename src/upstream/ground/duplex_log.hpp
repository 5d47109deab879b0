#pragma once

#include "async/wheel.hpp"

#include <cstddef>
#include <functional>
#include <string_view>

namespace gw::upstream {

// Writes to the log what one upstream server says on stderr, and what is wrong with what it sends.
// A server that says much does not fill the log: lines over lines_per_second_max are counted, and
// the count is written before the next line.
class BoundedLog {
public:
    using Sink = std::function<void(std::string_view upstream, std::string_view line)>;

    static constexpr std::size_t lines_per_second_max = 50;

    // All three outlive it. `upstream` is the name of the server.
    BoundedLog(std::string_view upstream, const Sink& sink, const async::Wheel& wheel)
        : upstream_(upstream), sink_(sink), wheel_(wheel) {}

    // Passes the line to the sink, or counts it.
    void write(std::string_view line);

private:
    std::string_view upstream_;
    const Sink& sink_;
    const async::Wheel& wheel_;
    TimePoint second_;  // When the second that is counted began.
    std::size_t written_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace gw::upstream
