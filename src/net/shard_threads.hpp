#pragma once

#include "net/shard.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace gw::net {

// Runs shards, each on a thread of its own.
class ShardThreads {
public:
    // The shards outlive this.
    explicit ShardThreads(const std::vector<Shard*>& shards);
    ShardThreads(const ShardThreads&) = delete;
    ShardThreads& operator=(const ShardThreads&) = delete;

    // Stops the shards and waits for their threads.
    ~ShardThreads();

private:
    std::vector<Shard*> shards_;
    std::vector<std::thread> threads_;
};

// How many processors there are, at least one.
unsigned processor_count();

}  // namespace gw::net
