#include "net/shard_threads.hpp"

#include <algorithm>

namespace gw::net {

ShardThreads::ShardThreads(const std::vector<Shard*>& shards) : shards_(shards) {
    for (auto* shard : shards_)
        threads_.emplace_back([shard] { shard->run(); });
}

ShardThreads::~ShardThreads() {
    for (auto* shard : shards_)
        shard->stop();
    for (auto& thread : threads_)
        thread.join();
}

unsigned processor_count() {
    return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace gw::net
