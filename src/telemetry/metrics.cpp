#include "telemetry/metrics.hpp"

namespace gw::telemetry {

namespace {

template <typename Cells>
void add_cells(Cells& to, const Cells& from) {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += from[i];
}

}  // namespace

void Metrics::add_all(const Metrics& other) {
    add_cells(common_, other.common_);
    for (const auto& [number, cells] : other.upstreams_)
        add_cells(upstreams_[number], cells);
}

void UpstreamMetrics::find() {
    cells_ = &all_->of_upstream(upstream_);
    round_ = all_->round_;
}

std::span<const std::uint64_t> Metrics::cells(Metric metric, std::uint32_t upstream) const {
    static constexpr PerUpstream nothing{};
    const auto& row = row_of(metric);
    const auto begin = impl::layout.begin.at(place_of(metric));
    const auto size = impl::cells_of(row);
    if (!row.is_per_upstream()) return std::span(common_).subspan(begin, size);
    const auto found = upstreams_.find(upstream);
    const auto& all = found != upstreams_.end() ? found->second : nothing;
    return std::span(all).subspan(begin, size);
}

}  // namespace gw::telemetry
