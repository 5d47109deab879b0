#pragma once

#include <cstdint>
#include <utility>

namespace gw::upstream {

// Ids of requests to servers without sessions. Only the id tells apart the requests that are open
// at such a server (it names subscriptions: 2026-07-28, basic/patterns/subscriptions). So all links
// of a shard share them, and no two shards have the same.
class RequestIds {
public:
    static constexpr std::uint64_t shards_max = 256;

    // `shard`: its index, below shards_max.
    explicit RequestIds(unsigned shard) : next_(shards_max + shard) {}

    // An id that was never taken before.
    std::uint64_t take() { return std::exchange(next_, next_ + shards_max); }

private:
    std::uint64_t next_;
};

}  // namespace gw::upstream
