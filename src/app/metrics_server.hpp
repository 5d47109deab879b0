#pragma once

#include "app/configuration.hpp"
#include "app/log_sink.hpp"
#include "async/allowance.hpp"
#include "async/budget.hpp"
#include "async/fair_shares.hpp"
#include "async/gate.hpp"
#include "net/listener.hpp"
#include "web/http_server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gw::app {

// A listener of its own for metrics (metrics.listen), on one shard. Its limits are its own:
// whatever clients do to theirs, it can be asked.
class MetricsServer {
public:
    using ToStream = std::function<std::unique_ptr<net::Stream>(net::Stream::Socket)>;

    // What it refers to outlives it; `log` is the shard's alone.
    MetricsServer(
        net::Shard& shard, web::Handler& page, const Configuration& first, LogChannel& log
    );

    // Takes the address, which is said; accepts nothing yet.
    Result<net::ListenAddress> listen();

    // Begins to accept. Before the shard's thread starts.
    void start(ToStream to_stream);

    // Other settings hold. On the shard's thread, like the next.
    void update(const Configuration& now);

    // Ends its connections, and returns when nothing runs any more. Called once, after listen().
    Task<> close();

private:
    const std::string address_;
    net::Shard& shard_;
    async::Gate gate_;
    async::Allowance in_flight_;
    async::Allowance connections_;
    async::Budget budget_;
    async::FairShares body_shares_;
    web::HttpServer server_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;  // One.
};

}  // namespace gw::app
