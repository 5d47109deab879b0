#include "app/server.hpp"
#include "web/in_need.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

// How a Server comes to connections.
namespace gw::app {

namespace {

std::string to_url(const net::ListenAddress& endpoint, bool is_tls) {
    if (endpoint.is_unix()) {
        // Whoever reads it may be in another folder.
        std::error_code ignored;
        return "unix:" + std::filesystem::absolute(endpoint.path, ignored).string();
    }
    return (is_tls ? "https://" : "http://") + net::to_authority(endpoint.host, endpoint.port);
}

}  // namespace

Result<std::string> Server::listen() {
    GW_TRY(const auto endpoint, net::parse_listen_address(settings_.listen));
    GW_TRY(listeners_, net::listen(shards(), endpoint));
    const auto handler = [this](net::Shard& shard, net::Stream::Socket socket, std::string peer) {
        accept(shard, std::move(socket), std::move(peer));
    };
    const net::Listener::Shortage shortage{
        .handler =
            [this](net::Shard& shard, net::Stream::Socket socket, std::string peer) {
                auto& worker = *workers_.at(shard.index());
                worker.gate().spawn(web::answer_in_need(
                    worker.server(),
                    to_stream(shard, std::move(socket)),
                    std::move(peer),
                    worker.otherwise()
                ));
            },
        .report = [this] { report_shortage(); }
    };
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        workers_[i]->gate().spawn(listeners_[i]->accept_loop(handler, shortage));
    }
    return to_url(listeners_.front()->address(), tls_ != nullptr);
}

// On the first shard.
Result<void> Server::listen_for_metrics() {
    if (settings_.metrics.listen == "none") return {};
    auto& shard = workers_.front()->shard();
    metrics_server_.emplace(shard, metrics_, first_, log_.add_channel());
    GW_TRY(const auto endpoint, metrics_server_->listen());
    log_.write(telemetry::Level::info, "metrics", {{"address", to_url(endpoint, tls_ != nullptr)}});
    return {};
}

void Server::serve_metrics() {
    if (!metrics_server_) return;
    auto& shard = workers_.front()->shard();
    metrics_server_->start([this, &shard](net::Stream::Socket socket) {
        return to_stream(shard, std::move(socket));
    });
}

// A connection whose session or parked call another shard has.
void Server::take_over(unsigned shard, web::Migration moved) {
    auto& worker = *workers_.at(shard);
    run_on(worker, [&worker, moved = std::move(moved)]() mutable {
        worker.server().serve_moved(
            std::make_unique<net::Stream>(worker.shard().io(), std::move(moved.stream)),
            std::move(moved.peer),
            std::move(moved.unread)
        );
    });
}

void Server::accept(net::Shard& shard, net::Stream::Socket socket, std::string peer) {
    auto& worker = *workers_.at(shard.index());
    worker.server().serve(to_stream(shard, std::move(socket)), std::move(peer));
}

std::unique_ptr<net::Stream> Server::to_stream(net::Shard& shard, net::Stream::Socket socket) {
    auto tls = tls_ ? tls_->new_connection(shard.now()) : nullptr;
    return std::make_unique<net::Stream>(std::move(socket), std::move(tls));
}

// Any shard may run out of them, again and again; that is told once a minute.
void Server::report_shortage() {
    const auto now = clock_.now().time_since_epoch();
    auto last = shortage_reported_.load();
    if (last != std::chrono::nanoseconds(0) && now - last < std::chrono::minutes(1)) return;
    if (!shortage_reported_.compare_exchange_strong(last, now)) return;
    log_.write(
        telemetry::Level::error,
        "no descriptors left",
        {{"text", "new connections are refused; raise the limit (ulimit -n)"}}
    );
}

}  // namespace gw::app
