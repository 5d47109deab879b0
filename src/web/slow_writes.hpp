#pragma once

#include "base/clock.hpp"
#include "net/byte_stream.hpp"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

namespace gw::web {

// What else waits for the client of a write.
class Backlog {
public:
    virtual ~Backlog() = default;

    // How many bytes wait, beside those of the write.
    virtual std::size_t bytes() const = 0;
};

// A write that its client does not take at once, while it waits. What it refers to outlives it.
struct SlowWrite
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    SlowWrite(
        net::ByteStream& to,
        std::string_view peer,
        const Backlog* behind,
        std::size_t whole,
        TimePoint begun
    )
        : stream(to), client(peer), backlog(behind), size(whole), left(whole), since(begun) {}

    // About as much would become free without it.
    std::size_t held() const {
        return backlog == nullptr ? size : std::max(size, backlog->bytes());
    }

    net::ByteStream& stream;
    std::string_view client;
    const Backlog* backlog;  // Or null.
    std::size_t size;
    std::size_t left;
    TimePoint since;
    bool is_cut = false;
};

// The slow writes of one shard. Where bytes are short, the slowest client is cut off before
// somebody else is refused: but only one that would need longer than `time_max` for all of it as
// it goes on, so that nobody is cut because all of them are many.
class SlowWrites {
public:
    using Log = std::function<void(std::string_view line)>;

    void add(SlowWrite& write) { writes_.push_back(write); }

    // Closes the connections that hold the most for the longest, at least `wanted` bytes of them if
    // there are as many; none that began a moment ago, or holds little. True when some of it will
    // come back soon.
    bool cut(std::size_t wanted, TimePoint now, std::chrono::milliseconds time_max, const Log& log);

private:
    SlowWrite* find_slowest(TimePoint now, std::chrono::milliseconds time_max);

    boost::intrusive::list<SlowWrite, boost::intrusive::constant_time_size<false>> writes_;
};

}  // namespace gw::web
