#pragma once

#include "async/wheel.hpp"

#include <cstddef>
#include <functional>
#include <string_view>

namespace gw::upstream {

// What one upstream server says on stderr, and what is wrong with what it sends, for the log. A
// server that says much fills neither the log nor our time: lines over the rate are only counted.
class BoundedLog {
public:
    using Sink = std::function<void(std::string_view upstream, std::string_view line)>;

    static constexpr std::size_t lines_per_second_max = 50;

    // All three outlive it.
    BoundedLog(std::string_view upstream, const Sink& sink, const async::Wheel& wheel)
        : upstream_(upstream), sink_(sink), wheel_(wheel) {}

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
