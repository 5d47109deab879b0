#pragma once

#include <coroutine>

namespace gw::async {

// The event loop of one shard, as far as the core needs it. A port: net::Shard implements it over
// Asio, tests/support over a queue that a test drains.
class Loop {
public:
    virtual ~Loop() = default;

    // Resumes `waiter` from the loop, soon, after what was posted before. Only from its own thread.
    virtual void post(std::coroutine_handle<> waiter) = 0;
};

}  // namespace gw::async
