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

// From the view in which a call has found its server to that: a list may be waited for meanwhile.
constexpr std::chrono::minutes on_its_way_max{2};

// Of more changes within that time only the last count.
constexpr std::size_t gone_max = 1000;

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

Hub::Hub(LinkResources& around, net::Connector& connector, ProcessLimits& processes)
    : around_(around), connector_(connector), processes_(processes), gate_(around.shard) {
    around_.shard.wheel().add(*this, around_.shard.now() + std::chrono::seconds(1));
}

Hub::~Hub() = default;

void Hub::set_targets(
    const std::shared_ptr<const Targets>& targets, std::shared_ptr<const net::Networks> denied
) {
    denied_ = std::move(denied);
    for (auto& [number, server] : reached_) {
        if (server->pool && denied_) server->pool->deny(denied_);
        if (!server->gone_since && !targets->contains(number)) {
            server->gone_since = around_.shard.now();
        }
    }
    // Made at once, so that a call which was on its way when its server went finds it.
    for (const auto& [number, target] : *targets) {
        auto& server = reached_[number];
        if (!server) server = std::make_shared<Reached>(target);
    }
}

ReachedHandle Hub::reach(auth::UpstreamNumber upstream) {
    if (const auto found = reached_.find(upstream); found != reached_.end()) return found->second;
    const auto gone = gone_.find(upstream);
    if (gone == gone_.end()) return nullptr;
    auto& server = reached_[upstream];
    server = std::make_shared<Reached>(gone->second.target);
    server->gone_since = gone->second.since;
    return server;
}

http::Pool& Hub::pool(Reached& server) {
    if (!server.pool) {
        auto destination = server.target->destination;
        if (denied_) destination.denied = denied_;
        server.pool = std::make_unique<http::Pool>(
            around_.shard,
            connector_,
            std::move(destination),
            http::Pool::Limits{.connect_timeout = around_.limits.connect_timeout}
        );
    }
    return *server.pool;
}

HttpOrigin Hub::origin_of(Reached& server) {
    if (server.path.empty()) server.path = server.target->path;
    return {pool(server), server.target->host, server.path, &server.path};
}

StdioServer& Hub::stdio(auth::UpstreamNumber upstream, Reached& server) {
    if (!server.stdio) {
        const StdioChild::Parts parts{around_, server.config(), processes_, server.verdict()};
        TakeSpare take_spare;
        if (spares_ != nullptr) {
            take_spare = [this, upstream] { return spares_->take_to(around_.shard, upstream); };
        }
        server.stdio = std::make_unique<StdioServer>(parts, std::move(take_spare));
    }
    return *server.stdio;
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
    for (const auto& [number, server] : reached_) {
        if (!server->stdio) continue;
        server->stdio->tend(server->gone_since ? Time(0) : around_.limits.process_idle_timeout);
    }
    forget_gone();
}

// Of those that nobody is connected to only the target stays, for as long as a call may be on its
// way to them.
void Hub::forget_gone() {
    std::erase_if(reached_, [this](auto& each) {
        auto& [number, server] = each;
        if (!server->gone_since || server.use_count() > 1) return false;
        gone_.insert_or_assign(number, Gone{server->target, *server->gone_since});
        gate_.spawn(close_one(std::move(server)));
        return true;
    });
    const auto latest = around_.shard.now() - on_its_way_max;
    while (!gone_.empty() && (gone_.begin()->second.since < latest || gone_.size() > gone_max))
        gone_.erase(gone_.begin());
}

Task<> Hub::close_one(ReachedHandle server) {
    const async::Shield shield(co_await this_fiber());
    if (server->stdio) co_await server->stdio->close();
    if (server->pool) co_await server->pool->close();
}

void Hub::end_idle() {
    for (const auto& [number, server] : reached_) {
        if (server->stdio) server->stdio->tend(Time(0));
    }
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
    for (const auto& [number, server] : reached_)
        together.spawn(close_one(server));
    co_await together.join();
    reached_.clear();
}

}  // namespace gw::upstream
