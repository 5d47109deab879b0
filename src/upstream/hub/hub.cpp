#include "upstream/hub/hub.hpp"

#include "async/sleep.hpp"
#include "http/target.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/hub/spares.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gw::upstream {

namespace {

// Takes "host[:port]" apart. The brackets of an IPv6 address are not part of the host.
bool read_authority(std::string_view authority, net::Destination& to) {
    const auto host = http::host_of(authority);
    if (host.empty()) return false;
    const bool has_brackets = host.starts_with('[');
    to.host = has_brackets ? host.substr(1, host.size() - 2) : host;
    if (const auto port = http::port_of(authority)) to.port = *port;
    return to.port != 0;
}

}  // namespace

Result<Target> make_target(Config config, const net::TlsClient* tls) {
    Target target;
    if (config.transport != Transport::stdio) {
        std::string_view url = config.url;
        const bool is_https = url.starts_with("https://");
        if (!is_https && !url.starts_with("http://")) {
            return fail(Errc::invalid_params, "\"url\" must begin with http:// or https://");
        }
        url.remove_prefix(is_https ? 8 : 7);
        const auto authority = url.substr(0, url.find_first_of("/?#"));
        target.destination.port = is_https ? 443 : 80;
        target.destination.tls = is_https ? tls : nullptr;
        if (is_https && tls == nullptr) return fail(Errc::internal, "https without TLS");
        if (!read_authority(authority, target.destination)) {
            return fail(Errc::invalid_params, "\"url\" must name a host");
        }
        auto path = url.substr(authority.size());
        const auto is_unsafe = [](char c) {
            return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
        };
        if (std::ranges::any_of(path, is_unsafe)) {
            return fail(Errc::invalid_params, "\"url\" must not hold spaces or control characters");
        }
        path = path.substr(0, path.find('#'));
        target.host = authority;
        target.path = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
    }
    target.config = std::move(config);
    return target;
}

Hub::Hub(Environment& around, net::Connector& connector, ProcessLimits& processes)
    : around_(around),
      connector_(connector),
      processes_(processes),
      gate_(around.shard),
      targets_(std::make_shared<const Targets>()) {
    around_.shard.wheel().add(*this, around_.shard.now() + std::chrono::seconds(1));
}

Hub::~Hub() = default;

void Hub::set_targets(
    std::shared_ptr<const Targets> targets, std::shared_ptr<const net::Networks> denied
) {
    targets_ = std::move(targets);
    denied_ = std::move(denied);
    for (const auto& pool : pools_) {
        if (pool && denied_) pool->deny(denied_);
    }
    pools_.resize(targets_->size());
    while (verdicts_.size() < targets_->size()) {
        verdicts_.push_back(std::make_unique<EraVerdict>());
        moved_.push_back(std::make_unique<Moved>());
    }
}

const Config& Hub::config(auth::UpstreamIndex upstream) const {
    return targets_->at(upstream).target->config;
}

http::Pool& Hub::pool(auth::UpstreamIndex upstream) {
    auto& pool = pools_.at(upstream);
    if (!pool) {
        auto destination = targets_->at(upstream).target->destination;
        if (denied_) destination.denied = denied_;
        pool = std::make_unique<http::Pool>(
            around_.shard,
            connector_,
            std::move(destination),
            http::Pool::Limits{.connect_timeout = around_.limits.connect_timeout}
        );
    }
    return *pool;
}

HttpOrigin Hub::origin_of(auth::UpstreamIndex upstream) {
    const auto& target = *targets_->at(upstream).target;
    auto& moved = *moved_.at(upstream);
    if (moved.from != target.path) moved = {.from = target.path, .to = target.path};
    return {pool(upstream), target.host, moved.to, &moved.to};
}

StdioServer& Hub::stdio(auth::UpstreamIndex upstream) {
    auto& server = stdio_[upstream];
    if (!server) {
        const StdioChild::Parts parts{around_, config(upstream), processes_, verdict(upstream)};
        TakeSpare take_spare;
        if (spares_ != nullptr) {
            take_spare = [this, upstream] { return spares_->take_to(around_.shard, upstream); };
        }
        server = std::make_unique<StdioServer>(parts, std::move(take_spare));
    }
    return *server;
}

void Hub::add_sweep(const void* who, std::function<void()> sweep) {
    sweeps_.emplace_back(who, std::move(sweep));
}

void Hub::remove_sweep(const void* who) {
    std::erase_if(sweeps_, [who](const auto& each) { return each.first == who; });
}

void Hub::expire() {
    around_.shard.wheel().add(*this, around_.shard.now() + std::chrono::seconds(1));
    // NOLINTNEXTLINE(modernize-loop-convert): a sweep may add and remove others.
    for (std::size_t i = 0; i < sweeps_.size(); ++i)
        sweeps_[i].second();
    for (const auto& [upstream, server] : stdio_)
        server->tend(is_gone(upstream) ? Time(0) : around_.limits.process_idle_timeout);
}

void Hub::end_idle() {
    for (const auto& [upstream, server] : stdio_)
        server->tend(Time(0));
}

Task<> Hub::close() {
    auto& fiber = co_await this_fiber();
    while (gate_.running() > 0) {
        const async::Shield shield(fiber);
        co_await async::sleep_until(
            around_.shard, around_.shard.wheel(), around_.shard.now() + async::Wheel::tick
        );
    }
    co_await gate_.close();
    async::Gate together(around_.shard);
    for (const auto& [upstream, server] : stdio_)
        together.spawn(server->close());
    co_await together.join();
    stdio_.clear();
    for (auto& pool : pools_) {
        if (pool) co_await pool->close();
    }
    pools_.clear();
}

}  // namespace gw::upstream
