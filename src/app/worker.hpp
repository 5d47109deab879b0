#pragma once

#include "app/common_limits.hpp"
#include "app/configuration.hpp"
#include "app/log_sink.hpp"
#include "app/settings.hpp"
#include "app/shard_views.hpp"
#include "app/status_text.hpp"
#include "async/budget.hpp"
#include "net/shard.hpp"
#include "session/registry.hpp"
#include "telemetry/metrics.hpp"
#include "transport/endpoint.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/process/process_limits.hpp"
#include "web/description.hpp"
#include "web/health.hpp"
#include "web/http_server.hpp"

#include <functional>
#include <future>
#include <memory>
#include <string_view>

namespace gw::app {

// The access log. `log` outlives it.
web::LogRequest log_requests(LogChannel& log);

// One shard with everything that runs on it. Made before its thread starts; used on it from then
// on.
class Worker {
public:
    struct Shared {
        const Settings& settings;
        const Clock& clock;
        LogSink& log;
        net::Connector& connector;
        upstream::ProcessLimits& processes;
        CommonLimits& limits;
        const catalog::CursorSeal& seal;
        const gateway::StateSeal& state_seal;
        const gateway::TaskSeal& task_seal;
        const std::string& instance;
        std::function<void(unsigned shard, web::Migration)> migrate;
        gateway::Parks::Tell tell_parks;
        web::Handler& metrics;
        unsigned count = 1;
    };

    Worker(unsigned index, const Shared& shared);

    // The second half of construction, when the catalogue's place is known.
    void connect(ShardViews::Home& home, const Configuration& now);

    // A change: on this worker's thread. What the settings say of limits and times holds for what
    // begins from now on, and for what runs where it is looked at again.
    void update(const Configuration& now);

    // A view has changed: on this worker's thread.
    void publish(
        gateway::Catalogue::Key key, catalog::ViewHandle view, const gateway::Catalogue::News& news
    );

    // Takes no new request any more. On its thread, like the next.
    void drain();

    // Running calls have until then to end; then all that clients have here is cut off, and the
    // promise is set. Their upstream sessions begin to end.
    void shut(TimePoint until, std::promise<void>& done);

    // Ends what is left, once nobody else uses the hub.
    void end(std::promise<void>& done);

    // On this worker's thread.
    WorkerStatus status();

    // What was counted here, and how it stands. On this worker's thread.
    telemetry::Metrics metrics();

    net::Shard& shard() { return shard_; }

    upstream::Hub& hub() { return hub_; }

    web::HttpServer& server() { return *server_; }

    // Refuses what comes when there are no descriptors left.
    web::Handler& otherwise() { return *endpoint_; }

    gateway::Parks& parks() { return parks_; }

    // For what lives as long as the worker: listeners.
    async::Gate& gate() { return gate_; }

    // For what ends while the worker is being shut.
    async::Gate& ending() { return ending_; }

private:
    std::function<void(std::string_view line)> log_failure();
    void end_invalid(const auth::Authenticator& authenticator);
    void end_sessions_of_removed(const gateway::TopologyHandle& topology);
    Task<> shut_down(TimePoint until, std::promise<void>& done);
    Task<> close_hub(std::promise<void>& done);

    const Shared& shared_;
    LogChannel& log_;
    net::Shard shard_;
    async::Gate gate_;
    async::Gate ending_;
    async::Allowance::Share& connections_;
    async::Budget budget_;
    session::StreamLimits stream_limits_;
    session::SessionLimits session_limits_;
    session::Surroundings around_;
    upstream::Limits upstream_limits_;
    upstream::LinkResources link_resources_;
    upstream::Hub hub_;
    session::Registry sessions_;
    gateway::ParkLimits park_limits_;
    gateway::Parks parks_;
    std::unique_ptr<ShardViews> views_;
    std::unique_ptr<transport::Endpoint> endpoint_;
    web::Health alive_{web::Health::Probe::alive};
    web::Health ready_{web::Health::Probe::ready};
    web::Description description_;
    std::unique_ptr<web::HttpServer> server_;
};

}  // namespace gw::app
