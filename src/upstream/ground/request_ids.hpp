#pragma once

#include <cstdint>
#include <utility>

namespace gw::upstream {

// Ids of requests to servers without sessions. Nothing but its id tells a request of ours from any
// other that is open at the same time (subscriptions are named by it: 2026-07-28,
// basic/patterns/subscriptions), so all links share them, and no two shards have the same.
class RequestIds {
public:
    static constexpr std::uint64_t shards_max = 256;

    explicit RequestIds(unsigned shard) : next_(shards_max + shard) {}

    std::uint64_t take() { return std::exchange(next_, next_ + shards_max); }

private:
    std::uint64_t next_;
};

}  // namespace gw::upstream
