#pragma once

#include "net/shard.hpp"
#include "net/stream.hpp"

#include <memory>

namespace gw::web {

class Handler;

// Answers one request on a connection that was accepted with the last descriptor, and closes it,
// within a third of a second, because others wait for that descriptor: /health as ever, since the
// process is alive, and all else by 503, in the words of `otherwise`, which outlives the task.
Task<> answer_in_need(net::Shard& shard, std::unique_ptr<net::Stream> stream, Handler& otherwise);

}  // namespace gw::web
