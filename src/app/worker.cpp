#include "app/worker.hpp"

#include "app/options.hpp"
#include "app/routes.hpp"
#include "async/sleep.hpp"
#include "upstream/session/session_upstreams.hpp"

#include <sodium.h>
#include <utility>

namespace gw::app {

namespace {

web::HttpServer::Policy web_policy(const Configuration& now) {
    return {.options = now.web, .authenticator = now.authenticator};
}

transport::Endpoint::Policy mcp_policy(const Configuration& now) {
    return {.options = now.mcp, .topology = now.topology};
}

}  // namespace

Worker::Worker(unsigned index, const Shared& shared)
    : shared_(shared),
      log_(shared.log.add_channel()),
      shard_(index, shared.clock),
      gate_(shard_),
      ending_(shard_),
      connections_(shared.limits.connections.share(index)),
      budget_(shard_, shared.limits.buffered_bytes.share(index)),
      stream_limits_(to_stream_limits(shared.settings)),
      session_limits_(to_session_limits(shared.settings)),
      around_{shard_, shard_.wheel(), budget_, stream_limits_, shared.settings.timeouts.ask},
      upstream_limits_(to_upstream_limits(shared.settings)),
      link_resources_{
          shard_,
          budget_,
          upstream_limits_,
          [this](std::string_view upstream, std::string_view line) {
              log_.write(
                  telemetry::Level::info, "upstream", {{"upstream", upstream}, {"text", line}}
              );
          }
      },
      hub_(link_resources_, shared.connector, shared.processes),
      sessions_(
          index,
          around_,
          session_limits_,
          shared.limits.sessions,
          [](std::array<unsigned char, 16>& bytes) { randombytes_buf(bytes.data(), bytes.size()); }
      ),
      park_limits_(to_park_limits(shared.settings)),
      parks_(
          shard_,
          shard_.wheel(),
          index,
          shared.state_seal,
          park_limits_,
          shared.limits.parks,
          shared.tell_parks
      ) {
    link_resources_.instance = shared.instance;
    connections_.poke = [this] { shard_.submit([this] { server_->look_around(); }); };
    shared.limits.buffered_bytes.share(index).poke = [this] {
        shard_.submit([this] { budget_.look_around(); });
    };
    sessions_.make_upstreams = [this](session::Session& session) {
        return std::make_unique<upstream::SessionUpstreams>(hub_, session, shared_.task_seal);
    };
}

void Worker::connect(ShardViews::Home& home, const Configuration& now) {
    hub_.add_sweep(&sessions_, [this] {
        const auto& authenticator = *server_->policy().authenticator;
        if (authenticator.has_expiries()) end_invalid(authenticator);
    });
    hub_.set_targets(now.targets, now.denied);
    views_ = std::make_unique<ShardViews>(shard_, home, shared_.seal, now.topology);
    endpoint_ = std::make_unique<transport::Endpoint>(
        transport::Endpoint::Parts{
            .shard = shard_,
            .budget = budget_,
            .sessions = sessions_,
            .views = *views_,
            .parks = parks_,
            .state_seal = shared_.state_seal,
            .task_seal = shared_.task_seal,
            .log = log_failure(),
            .shard_count = shared_.count
        },
        mcp_policy(now)
    );
    auto served = routes(
        {.mcp = *endpoint_,
         .alive = alive_,
         .ready = ready_,
         .description = description_,
         .metrics = shared_.metrics}
    );
    description_.set(web::describe(served, "Bascule", GW_VERSION));
    server_ = std::make_unique<web::HttpServer>(
        web::HttpServer::Parts{
            .shard = shard_,
            .budget = budget_,
            .body_shares = shared_.limits.body_shares,
            .in_flight = shared_.limits.in_flight.share(shard_.index()),
            .connections = connections_,
            .routes = std::move(served),
            .otherwise = *endpoint_,
            .migrate = shared_.migrate,
            .log_request = log_requests(log_),
            .log = log_failure(),
            .shard_count = shared_.count
        },
        web_policy(now)
    );
}

web::LogRequest log_requests(LogChannel& log) {
    return [&log](const web::RequestRecord& record) {
        log.write(
            telemetry::Level::info,
            "request",
            {{"peer", record.peer},
             {"principal", record.principal},
             {"http", record.http_method},
             {"path", record.path},
             {"rpc", record.operation},
             {"status", record.status},
             {"ms", record.milliseconds}}
        );
    };
}

std::function<void(std::string_view)> Worker::log_failure() {
    return [&log = log_](std::string_view line) {
        log.write(telemetry::Level::warning, "failure", {{"text", line}});
    };
}

namespace {

session::Upstreams::Numbers numbers_of(
    const session::Session& session, const gateway::Topology& topology
) {
    return [&](std::string_view name) { return topology.find(session.terms().server, name); };
}

}  // namespace

// Their streams end at once when no call runs in them; else with the last of their calls.
void Worker::end_sessions_of_removed(const gateway::TopologyHandle& topology) {
    hub_.remove_sweep(this);
    const auto is_removed = [topology](const session::Session& session) {
        return topology->server(session.terms().server) == nullptr;
    };
    const auto end_removed = [this, is_removed] {
        bool is_left = false;
        sessions_.each([&](session::Session& session) {
            if (!is_removed(session)) return;
            is_left = is_left || session.running() > 0;
            session.end_listening();  // Nothing else ends that.
        });
        sessions_.end_where([&](const session::Session& session) {
            return is_removed(session) && session.running() == 0;
        });
        return is_left;
    };
    if (end_removed()) hub_.add_sweep(this, end_removed);
}

// What was begun with a token that is good no more; of an owner without any, all. A request that
// comes later is refused by itself; what is open would go on.
void Worker::end_invalid(const auth::Authenticator& authenticator) {
    const auto& clock = shard_.clock();
    sessions_.end_where([&](const session::Session& session) {
        return !authenticator.knows(session.terms().owner, clock);
    });
    const auto is_valid = [&](const auth::Principal& who) {
        return authenticator.is_still_valid(who, clock);
    };
    sessions_.each([&](session::Session& session) { session.end_invalid(is_valid); });
    parks_.end_invalid(is_valid);
}

void Worker::update(const Configuration& now) {
    const auto& settings = *now.settings;
    stream_limits_ = to_stream_limits(settings);
    session_limits_ = to_session_limits(settings);
    park_limits_ = to_park_limits(settings);
    upstream_limits_ = to_upstream_limits(settings);
    around_.ask_timeout = settings.timeouts.ask;
    hub_.set_targets(now.targets, now.denied);
    shard_.metrics().forget_upstreams([&now](auto number) { return now.targets->contains(number); }
    );
    views_->set_topology(now.topology);
    const auto& topology = *now.topology;
    end_invalid(*now.authenticator);
    end_sessions_of_removed(now.topology);
    sessions_.each([&](session::Session& session) {
        session.upstreams->reconfigure(numbers_of(session, topology));
    });
    parks_.drop_where([&](const gateway::ParkedCall& call) {
        const auto& session = call.session();
        return session.has_ended() ||
               !topology.find(session.terms().server, call.identity().server->name());
    });
    endpoint_->set_policy(mcp_policy(now));
    server_->set_policy(web_policy(now));
}

void Worker::publish(
    gateway::Catalogue::Key key, catalog::ViewHandle view, const gateway::Catalogue::News& news
) {
    const auto is_of = [key](const session::Terms& terms) {
        return terms.server == key.server &&
               mcp::list_class_of(terms.capabilities) == key.list_class;
    };
    // Another configuration may show less.
    if (!news.from) {
        const catalog::VisibleView all(*view, nullptr);
        parks_.drop_where([&](const gateway::ParkedCall& call) {
            return is_of(call.session().terms()) && !call.is_shown_in(all);
        });
    }
    views_->put(key, std::move(view));
    for (const auto kind : catalog::kinds) {
        if (!news.changes[static_cast<std::size_t>(kind)]) continue;
        sessions_.each([&](session::Session& session) {
            if (!is_of(session.terms())) return;
            // The server has told it, or is about to.
            if (news.from && session.upstreams->tells_changes(*news.from)) return;
            session.notify_changed(catalog::names_of(kind).list_changed);
        });
    }
}

WorkerStatus Worker::status() {
    WorkerStatus status{
        .connections = server_->connection_count(),
        .in_flight = server_->in_flight(),
        .sessions = sessions_.size(),
        .parks = parks_.size(),
        .leases = link_resources_.leases,
        .buffered_bytes = budget_.used()
    };
    sessions_.each([&](const session::Session& session) {
        status.streams += session.stream_count();
    });
    return status;
}

telemetry::Metrics Worker::metrics() {
    using telemetry::Metric;
    auto metrics = shard_.metrics();
    const auto now = status();
    metrics.set<Metric::connections>(now.connections);
    metrics.set<Metric::requests_in_flight>(now.in_flight);
    metrics.set<Metric::sessions>(now.sessions);
    metrics.set<Metric::streams>(now.streams);
    metrics.set<Metric::parked_calls>(now.parks);
    metrics.set<Metric::upstream_sessions>(now.leases);
    metrics.set<Metric::buffered_bytes>(now.buffered_bytes);
    const auto& parks = parks_.counters();
    metrics.set<Metric::calls_parked>(parks.asked);
    metrics.set<Metric::calls_resumed>(parks.resumed);
    metrics.set<Metric::calls_abandoned>(parks.abandoned);
    return metrics;
}

void Worker::drain() {
    server_->drain();
    sessions_.each([](session::Session& session) { session.drain(); });
}

void Worker::shut(TimePoint until, std::promise<void>& done) {
    ending_.spawn(shut_down(until, done));
}

Task<> Worker::shut_down(TimePoint until, std::promise<void>& done) {
    co_await parks_.close();  // Their clients would be refused now.
    while (server_->in_flight() > 0 && shard_.now() < until) {
        co_await async::sleep_until(shard_, shard_.wheel(), shard_.now() + async::Wheel::tick);
    }
    link_resources_.leaving_wait = std::chrono::seconds(3);  // We leave, too.
    sessions_.end_all();                                     // Streams end with their last chunk.
    const auto grace = shard_.now() + std::chrono::milliseconds(100);
    co_await async::sleep_until(shard_, shard_.wheel(), grace);
    hub_.end_idle();
    co_await gate_.close();
    co_await server_->close();
    done.set_value();
}

void Worker::end(std::promise<void>& done) {
    ending_.spawn(close_hub(done));
}

Task<> Worker::close_hub(std::promise<void>& done) {
    co_await hub_.close();
    sessions_.sweep();
    done.set_value();
}

}  // namespace gw::app
