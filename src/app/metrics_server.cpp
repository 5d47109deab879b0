#include "app/metrics_server.hpp"

#include "app/options.hpp"
#include "app/routes.hpp"
#include "app/worker.hpp"
#include "net/listen_address.hpp"

#include <array>
#include <utility>

namespace gw::app {

namespace {

constexpr std::size_t connections_max = 64;
constexpr std::size_t waiting_max = 64;
constexpr std::size_t requests_max = 16;
constexpr std::size_t buffered_bytes_max = std::size_t{1} << 20U;

web::HttpServer::Policy policy_of(const Configuration& now, std::string_view address) {
    auto options = to_web_options(*now.settings, address);
    options.has_cors = false;
    options.body_bytes_max = 0;
    options.has_proxy_protocol = false;  // Who reads them comes by himself.
    return {
        .options = std::make_shared<const web::Options>(std::move(options)),
        .authenticator = now.authenticator
    };
}

// Who can only come from this machine needs no token.
web::Access access_at(std::string_view address) {
    const auto parsed = net::parse_listen_address(address);
    return parsed && parsed->is_local() ? web::Access::open : web::Access::authenticated;
}

}  // namespace

MetricsServer::MetricsServer(
    net::Shard& shard, web::Handler& page, const Configuration& first, LogChannel& log
)
    : address_(first.settings->metrics.listen),
      shard_(shard),
      gate_(shard),
      in_flight_(requests_max, 1),
      connections_(connections_max, 1),
      budget_(shard, buffered_bytes_max),
      server_(
          web::HttpServer::Parts{
              .shard = shard,
              .budget = budget_,
              .body_shares = body_shares_,
              .in_flight = in_flight_.share(0),
              .connections = connections_.share(0),
              .routes = metrics_routes(page, access_at(address_)),
              .otherwise = page,
              .migrate = {},  // No request of these is another shard's.
              .log_request = log_requests(log),
              .log = [](std::string_view /*line*/) {},
              .shard_count = 1,
              .waiting_max = waiting_max
          },
          policy_of(first, address_)
      ) {
    connections_.share(0).poke = [this] { shard_.submit([this] { server_.look_around(); }); };
}

Result<net::ListenAddress> MetricsServer::listen() {
    GW_TRY(const auto endpoint, net::parse_listen_address(address_));
    const std::array shards{&shard_};
    GW_TRY(listeners_, net::listen(shards, endpoint));
    return listeners_.front()->address();
}

void MetricsServer::start(ToStream to_stream) {
    gate_.spawn(listeners_.front()->accept_loop(
        [this, to_stream = std::move(to_stream)](
            net::Shard& /*shard*/, net::Stream::Socket socket, std::string peer
        ) { server_.serve(to_stream(std::move(socket)), std::move(peer)); }
    ));
}

void MetricsServer::update(const Configuration& now) {
    server_.set_policy(policy_of(now, address_));
}

Task<> MetricsServer::close() {
    listeners_.front()->close();
    co_await gate_.close();
    co_await server_.close();
}

}  // namespace gw::app
