#pragma once

#include "base/clock.hpp"
#include "gateway/catalogue.hpp"
#include "net/offload.hpp"
#include "telemetry/metrics_text.hpp"
#include "web/handler.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::upstream {
class ProcessLimits;
}

namespace gw::app {

class LogSink;
class Worker;

// /metrics/prometheus: what all workers have counted, added up, in the text format of Prometheus.
// One serves all shards; a request is answered on its own.
class MetricsPage final : public web::Handler {
public:
    // All of it outlives the shards. The workers and the catalogue are there before the first
    // request.
    struct Parts {
        const std::vector<std::unique_ptr<Worker>>& workers;
        const std::optional<gateway::Catalogue>& catalogue;  // On the shard of the first worker.
        upstream::ProcessLimits& processes;
        net::Offload& offload;
        LogSink& log;
        const Clock& clock;
    };

    explicit MetricsPage(const Parts& parts) : parts_(parts), started_(parts.clock.wall()) {}

    Task<> serve(web::Connection& connection, web::Request& request) override;

private:
    struct Gathering;

    Task<std::string> gather(net::Shard& shard);
    void ask(Worker& worker, const std::shared_ptr<Gathering>& gathering);
    void add_upstreams(telemetry::Metrics& metrics, telemetry::MetricNames& names) const;
    Task<> add_process(telemetry::Metrics& metrics, net::Shard& shard);

    Parts parts_;
    WallTime started_;
};

}  // namespace gw::app
