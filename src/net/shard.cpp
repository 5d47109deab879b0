#include "net/shard.hpp"

#include "telemetry/metrics.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace gw::net {

namespace asio = boost::asio;

// The only Asio timer: one costs 830 instructions a wait, which every call would pay. It lives as
// long as the shard: when the loop stops, a tick that was due may be left in its queue.
struct Shard::Ticker {
    Shard& shard;
    asio::steady_timer timer{shard.io_};

    void arm() {
        timer.expires_after(async::Wheel::tick);
        timer.async_wait([this](boost::system::error_code error) {
            if (error) return;
            shard.turn();
            arm();
        });
    }
};

Shard::Shard(unsigned index, const Clock& clock)
    : index_(index),
      clock_(clock),
      wheel_(clock.now()),
      metrics_(std::make_unique<telemetry::Metrics>()),
      ticker_(std::make_unique<Ticker>(*this)) {}

Shard::~Shard() = default;

void Shard::turn() {
    wheel_.advance(clock_.now());
}

void Shard::run() {
    turn();
    ticker_->arm();
    io_.run();
}

void Shard::stop() {
    io_.stop();
}

void Shard::submit(std::move_only_function<void()> work) {
    asio::post(io_, std::move(work));
}

void Shard::post(std::coroutine_handle<> waiter) {
    asio::post(io_, [waiter] { waiter.resume(); });
}

}  // namespace gw::net
