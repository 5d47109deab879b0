#include "app/worker.hpp"

#include "app/listen_address.hpp"
#include "app/routes.hpp"
#include "async/sleep.hpp"
#include "upstream/session/session_upstreams.hpp"

#include <sodium.h>
#include <utility>

namespace gw::app {

web::Options to_web_options(const Settings& settings) {
    web::Options options;
    const auto address = parse_listen_address(settings.listen);
    options.is_loopback = address && address->is_local();
    if (address) {
        const bool is_ipv6 = address->host.contains(':');
        options.listen_host = is_ipv6 ? "[" + address->host + "]" : address->host;
    }
    options.has_cors = settings.cors;
    options.is_logging_access = settings.log.access;
    options.allowed_hosts = settings.allowed_hosts;
    options.allowed_origins = settings.allowed_origins;
    options.head_bytes_max = settings.limits.head_bytes_max;
    options.headers_max = settings.limits.headers_max;
    options.body_bytes_max = settings.limits.body_bytes_max;
    options.head_timeout = settings.timeouts.head;
    options.body_timeout = settings.timeouts.body;
    options.idle_timeout = settings.timeouts.idle;
    options.write_timeout = settings.timeouts.write;
    return options;
}

transport::Options to_mcp_options(const Settings& settings) {
    transport::Options options;
    options.sessions =
        settings.sessions.mode == SessionMode::required ? transport::SessionMode::required
        : settings.sessions.mode == SessionMode::off    ? transport::SessionMode::off
                                                        : transport::SessionMode::optional;
    options.is_json_only = settings.streams.json_response;
    options.batch_max = settings.limits.batch_max;
    options.calls_per_session_max = settings.limits.calls_per_session_max;
    options.sse_after = settings.streams.sse_after;
    options.keep_alive = settings.streams.keep_alive;
    options.retry = settings.streams.retry;
    return options;
}

session::StreamLimits to_stream_limits(const Settings& settings) {
    return {
        .events_max = settings.streams.events_max,
        .bytes_max = settings.streams.event_bytes_max,
        .age_max = settings.streams.event_age_max
    };
}

session::SessionLimits to_session_limits(const Settings& settings) {
    return {
        .idle_max = settings.sessions.idle_timeout,
        .uninitialized_max = settings.sessions.initialize_timeout
    };
}

gateway::ParkLimits to_park_limits(const Settings& settings) {
    return {.time = settings.timeouts.park};
}

upstream::Limits to_upstream_limits(const Settings& settings) {
    upstream::Limits limits;
    limits.body_bytes_max = settings.limits.upstream_body_bytes_max;
    limits.connect_timeout = settings.timeouts.connect;
    limits.start_timeout = settings.timeouts.start;
    limits.list_timeout = settings.timeouts.list;
    limits.processes_max = settings.processes.max;
    limits.processes_per_upstream_max = settings.processes.per_upstream_max;
    limits.process_spares = settings.processes.spares;
    limits.process_idle_timeout = settings.processes.idle_timeout;
    limits.process_restarts_max = settings.processes.restarts_max;
    limits.process_restart_window = settings.processes.restart_window;
    limits.process_kill_after = settings.processes.kill_after;
    return limits;
}

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
      upstream_environment_{
          shard_,
          budget_,
          upstream_limits_,
          [this](std::string_view upstream, std::string_view line) {
              log_.write(
                  telemetry::Level::info, "upstream", {{"upstream", upstream}, {"text", line}}
              );
          }
      },
      hub_(upstream_environment_, shared.connector, shared.processes),
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
    upstream_environment_.instance = shared.instance;
    connections_.poke = [this] { shard_.submit([this] { server_->look_around(); }); };
    shared.limits.buffered_bytes.share(index).poke = [this] {
        shard_.submit([this] { budget_.look_around(); });
    };
    sessions_.make_upstreams = [this](session::Session& session) {
        return std::make_unique<upstream::SessionUpstreams>(hub_, session, shared_.task_seal);
    };
}

void Worker::connect(
    ShardViews::Home& home,
    const Policy& policy,
    std::shared_ptr<const upstream::Targets> targets,
    std::shared_ptr<const net::Networks> denied
) {
    hub_.set_targets(std::move(targets), std::move(denied));
    views_ = std::make_unique<ShardViews>(shard_, home, shared_.seal, policy.mcp.topology);
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
        policy.mcp
    );
    server_ = std::make_unique<web::HttpServer>(
        web::HttpServer::Parts{
            .shard = shard_,
            .budget = budget_,
            .body_shares = shared_.limits.body_shares,
            .in_flight = shared_.limits.in_flight.share(shard_.index()),
            .connections = connections_,
            .routes = routes({.mcp = *endpoint_, .alive = alive_, .ready = ready_}),
            .otherwise = *endpoint_,
            .migrate = shared_.migrate,
            .log_request =
                [&log = log_](const web::RequestRecord& record) {
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
                },
            .log = log_failure(),
            .shard_count = shared_.count
        },
        policy.web
    );
}

std::function<void(std::string_view)> Worker::log_failure() {
    return [&log = log_](std::string_view line) {
        log.write(telemetry::Level::warning, "failure", {{"text", line}});
    };
}

void Worker::update(
    const Settings& settings,
    const Policy& policy,
    std::shared_ptr<const upstream::Targets> targets,
    std::shared_ptr<const net::Networks> denied
) {
    stream_limits_ = to_stream_limits(settings);
    session_limits_ = to_session_limits(settings);
    park_limits_ = to_park_limits(settings);
    upstream_limits_ = to_upstream_limits(settings);
    around_.ask_timeout = settings.timeouts.ask;
    hub_.set_targets(std::move(targets), std::move(denied));
    views_->set_topology(policy.mcp.topology);
    // A request that comes later is refused by itself; a stream that is open would go on.
    sessions_.end_where([&policy](const session::Session& session) {
        return !policy.web.authenticator->knows(session.terms().who);
    });
    parks_.drop_ended();
    endpoint_->set_policy(policy.mcp);
    server_->set_policy(policy.web);
}

void Worker::publish(
    gateway::Catalogue::Key key,
    catalog::ViewHandle view,
    const gateway::Catalogue::Changes& changes
) {
    views_->put(key, std::move(view));
    for (const auto kind : catalog::kinds) {
        if (!changes[static_cast<std::size_t>(kind)]) continue;
        sessions_.each([&](session::Session& session) {
            const auto& terms = session.terms();
            if (terms.server != key.server) return;
            if (mcp::list_class_of(terms.capabilities) != key.list_class) return;
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
        .leases = upstream_environment_.leases,
        .buffered_bytes = budget_.used()
    };
    sessions_.each([&](const session::Session& session) {
        status.streams += session.stream_count();
    });
    return status;
}

void Worker::drain() {
    server_->drain();
    sessions_.each([](session::Session& session) { session.end_listening(); });
}

void Worker::shut(TimePoint until, std::promise<void>& done) {
    ending_.spawn(shut_down(until, done));
}

Task<> Worker::shut_down(TimePoint until, std::promise<void>& done) {
    co_await parks_.close();  // Their clients would be refused now.
    while (server_->in_flight() > 0 && shard_.now() < until) {
        co_await async::sleep_until(shard_, shard_.wheel(), shard_.now() + async::Wheel::tick);
    }
    upstream_environment_.leaving_wait = std::chrono::seconds(3);  // We leave, too.
    sessions_.end_all();  // Streams end with their last chunk.
    const auto grace = shard_.now() + std::chrono::milliseconds(100);
    co_await async::sleep_until(shard_, shard_.wheel(), grace);
    co_await gate_.close();
    co_await server_->close();
    co_await hub_.close();
    sessions_.sweep();
    done.set_value();
}

}  // namespace gw::app
