#include "net/shard_threads.hpp"

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

}  // namespace gw::net
