#include "app/metrics_page.hpp"

#include "app/log_sink.hpp"
#include "app/process_figures.hpp"
#include "app/worker.hpp"
#include "async/deadline.hpp"
#include "upstream/process/process_limits.hpp"
#include "web/connection.hpp"

#include <chrono>
#include <utility>

namespace gw::app {

using telemetry::Metric;

namespace {

// A worker that is busy for longer is left out: a scrape must not wait for what it is to show.
constexpr std::chrono::seconds answer_time{1};

std::uint64_t nanoseconds(std::chrono::nanoseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
}

}  // namespace

// What the workers have told so far. It is the asking shard's, and may outlive the request.
struct MetricsPage::Gathering {
    Gathering(net::Shard& by, std::size_t workers) : shard(by), missing(workers), done(by) {}

    void take(const telemetry::Metrics& told, telemetry::MetricNames of_catalogue) {
        sum.add_all(told);
        names.upstreams.merge(of_catalogue.upstreams);
        if (--missing == 0) done.set();
    }

    net::Shard& shard;
    telemetry::Metrics sum;
    telemetry::MetricNames names{.version = GW_VERSION, .upstreams = {}};
    std::size_t missing;
    async::Event done;
};

Task<> MetricsPage::serve(web::Connection& connection, web::Request& request) {
    const auto text = co_await gather(connection.shard());
    auto head = connection.reply_to(request);
    head.origin = {};
    head.status = request.status = 200;
    head.content_type = telemetry::metrics_content_type;
    Buffer out;
    append_reply(out, head, text);
    co_await connection.write(out);
}

Task<std::string> MetricsPage::gather(net::Shard& shard) {
    const auto gathering = std::make_shared<Gathering>(shard, parts_.workers.size());
    for (const auto& worker : parts_.workers)
        ask(*worker, gathering);
    {
        const async::Deadline deadline(
            shard.wheel(), shard.now() + answer_time, co_await this_fiber()
        );
        while (gathering->missing > 0 && co_await gathering->done.wait())
            continue;
    }
    auto sum = gathering->sum;  // What comes from now on comes too late.
    sum.set<Metric::workers>(parts_.workers.size());
    sum.set<Metric::build_info>(1, telemetry::Version());
    sum.set<Metric::workers_missing>(gathering->missing);
    sum.set<Metric::upstream_processes>(parts_.processes.running());
    sum.set<Metric::spare_processes>(parts_.processes.spares());
    sum.set<Metric::log_lines_dropped>(parts_.log.dropped());
    co_await add_process(sum, shard);
    co_return telemetry::metrics_text(sum, gathering->names);
}

// The worker answers on its own shard, and the one that has asked takes it.
void MetricsPage::ask(Worker& worker, const std::shared_ptr<Gathering>& gathering) {
    worker.shard().submit([this, &worker, gathering] {
        auto metrics = worker.metrics();
        telemetry::MetricNames names;
        if (&worker == parts_.workers.front().get()) add_upstreams(metrics, names);
        gathering->shard.submit([gathering, metrics = std::move(metrics), names = std::move(names)](
                                ) mutable { gathering->take(metrics, std::move(names)); });
    });
}

void MetricsPage::add_upstreams(telemetry::Metrics& metrics, telemetry::MetricNames& names) const {
    const auto now = parts_.clock.now();
    for (auto& status : parts_.catalogue->status()) {
        const telemetry::Upstream upstream{status.index};
        const bool is_up = status.state == gateway::UpstreamStatus::State::ready;
        metrics.set<Metric::upstream_up>(is_up ? 1 : 0, upstream);
        const auto age = status.listed ? now - *status.listed : TimePoint::duration(0);
        metrics.set<Metric::upstream_list_age>(nanoseconds(age), upstream);
        for (const auto kind : catalog::kinds) {
            const auto place = static_cast<std::size_t>(kind);
            metrics.set<Metric::upstream_entries>(
                status.counts.at(place), upstream, static_cast<telemetry::EntryKind>(place)
            );
        }
        names.upstreams.emplace(status.index, std::move(status.name));
    }
}

Task<> MetricsPage::add_process(telemetry::Metrics& metrics, net::Shard& shard) {
    metrics.set<Metric::process_start_time>(nanoseconds(started_.time_since_epoch()));
    const auto figures = co_await parts_.offload.run<ProcessFigures>(shard, [] {
        return Result<ProcessFigures>(process_figures());
    });
    if (!figures) co_return;
    metrics.set<Metric::process_cpu>(nanoseconds(figures->cpu));
    metrics.set<Metric::process_resident_memory>(figures->resident_bytes);
    metrics.set<Metric::process_virtual_memory>(figures->virtual_bytes);
    metrics.set<Metric::process_open_descriptors>(figures->descriptors);
    metrics.set<Metric::process_descriptors_max>(figures->descriptors_max);
}

}  // namespace gw::app
