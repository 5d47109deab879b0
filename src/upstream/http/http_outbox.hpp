#pragma once

#include "async/gate.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

namespace gw::upstream {

// Messages on their way to a server that nobody waits for, each a POST of its own. Few are sent at
// a time, on as many connections; the others wait in turn. What a server does not take in time
// takes no more than that: the oldest that wait are dropped.
class HttpOutbox {
public:
    static constexpr std::size_t count_max = 1000;                   // That wait.
    static constexpr std::size_t bytes_max = std::size_t{1} << 20U;  // Of these, but for the last.

    // `send` delivers one message, within a time of its own. `dropped` is told when some had to be
    // dropped: at the first, and how many it were when none waits any more.
    HttpOutbox(
        async::Loop& loop,
        std::size_t at_a_time,
        std::function<Task<>(std::string)> send,
        std::function<void(std::size_t)> dropped
    )
        : gate_(loop),
          at_a_time_(at_a_time),
          send_(std::move(send)),
          tell_dropped_(std::move(dropped)) {}

    // Sends `message` soon. One that says the same as one that waits is sent with that.
    void push(std::string message);

    // True while more would wait than may.
    bool is_full() const { return waiting_.size() >= count_max || bytes_ >= bytes_max; }

    // Returns when all are sent; ends what is under way, and drops the rest, when the caller's time
    // is over. Nothing is taken any more.
    Task<> finish();

    // The same at once.
    Task<> close();

private:
    Task<> run();
    std::string pop();

    async::Gate gate_;
    std::size_t at_a_time_;
    std::function<Task<>(std::string)> send_;
    std::function<void(std::size_t)> tell_dropped_;
    std::deque<std::string> waiting_;
    std::size_t bytes_ = 0;
    std::size_t dropped_ = 0;
};

}  // namespace gw::upstream
