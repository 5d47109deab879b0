#pragma once

#include "async/gate.hpp"
#include "async/loop.hpp"
#include "async/wheel.hpp"
#include "base/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace gw::telemetry {
class Metrics;
}

namespace gw::net {

// One thread's event loop with everything that belongs to it. Shards share nothing; they talk by
// submit().
class Shard final : public async::Loop {
public:
    // `clock` outlives the shard. `index` counts from 0.
    Shard(unsigned index, const Clock& clock);

    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard() override;

    // Runs until stop(), and turns the wheel. The caller's thread is the shard's from then on. It
    // may run again when its io() was restarted; what stood in the queue when it stopped runs then.
    void run();

    // May be called from any thread.
    void stop();

    // Runs `work` on this shard, soon. From any thread.
    void submit(std::move_only_function<void()> work);

    void post(std::coroutine_handle<> waiter) override;

    boost::asio::io_context& io() { return io_; }

    async::Wheel& wheel() { return wheel_; }

    // The time of the last turn of the wheel, at most a tick old.
    TimePoint now() const { return wheel_.now(); }

    const Clock& clock() const { return clock_; }

    unsigned index() const { return index_; }

    // What happens on this shard is counted in it. Of its thread, like the rest.
    telemetry::Metrics& metrics() { return *metrics_; }

private:
    struct Ticker;

    void turn();

    unsigned index_;
    const Clock& clock_;
    boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    async::Wheel wheel_;
    std::unique_ptr<telemetry::Metrics> metrics_;
    std::unique_ptr<Ticker> ticker_;
};

}  // namespace gw::net
