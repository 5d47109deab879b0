#pragma once

#include "async/shared_count.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace gw::async {

// Those that wait, of all shards, in the order in which they came: so many in all, and so many of
// each owner, exactly. At a limit the one that waits longest gives way to the one that comes: of
// the same owner, if he has any. Any thread may use it. It has a mutex, so it is nothing for the
// way of a call.
class LimitedQueue {
public:
    explicit LimitedQueue(OwnedLimits limits) : limits_(limits) {}

    LimitedQueue(const LimitedQueue&) = delete;
    LimitedQueue& operator=(const LimitedQueue&) = delete;

    // Who waits: its shard, what it is called there, and its turn, which is never used again.
    struct Member {
        unsigned shard = 0;
        std::uint64_t id = 0;
        std::uint64_t turn = 0;
    };

    struct Joined {
        std::uint64_t turn = 0;
        std::vector<Member> gave_way;  // They are out already, and still have to be told.
    };

    // Joins at the end. Where there is no room the oldest of the same owner gives way, or of all
    // when that has none. From any thread, like the rest.
    Joined join(const std::string& owner, unsigned shard, std::uint64_t id);

    // It waits no longer; nothing happens when it had to give way before.
    void leave(const std::string& owner, std::uint64_t turn);

    // Those that wait beyond the new limits give way when the next one comes.
    void set_limits(OwnedLimits limits);

    // How many wait.
    std::size_t size();

private:
    using Turns = std::map<std::uint64_t, Member>;
    using Owners = std::map<std::string, Turns>;

    std::mutex mutex_;  // Guards all below.
    OwnedLimits limits_;
    Owners owners_;                                 // Those that have some.
    std::map<std::uint64_t, std::string> by_turn_;  // Whose each turn is.
    std::uint64_t next_turn_ = 1;
};

}  // namespace gw::async
