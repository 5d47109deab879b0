#include "web/connection.hpp"

#include <algorithm>
#include <chrono>

// How a connection ends whose client was refused before it had sent everything.
namespace gw::web {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t lingering_max = 1000;  // Of all shards.
constexpr auto silence_max = 5s;
constexpr auto time_max = 30s;

}  // namespace

// RFC 9112, 9.6: closing at once would reset the connection, and the client would lose the answer
// that it has not read yet. So what it still sends is discarded until it has seen the end.
Task<> Connection::linger() {
    if (!stream_->is_open()) co_return;
    if (server_.lingering_ >= lingering_max / server_.parts_.shard_count) co_return;
    stream_->end_writing();
    ++server_.lingering_;
    is_idle_ = true;  // A drain does not wait for it.
    const auto& shard = server_.shard();
    const auto end = shard.now() + time_max;
    while (shard.now() < end && stream_->is_open()) {
        deadline_->move(std::min<TimePoint>(shard.now() + silence_max, end));
        const auto count = co_await stream_->read(server_.discarded_);
        if (!count || *count == 0) break;
    }
    --server_.lingering_;
}

}  // namespace gw::web
