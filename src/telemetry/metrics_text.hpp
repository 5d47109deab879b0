#pragma once

#include "telemetry/metrics.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gw::telemetry {

// The names behind those labels that are not fixed.
struct MetricNames {
    std::string_view version;
    // By number; what was counted of others is left out.
    std::map<std::uint32_t, std::string> upstreams;
};

// What the text is of, as a header says it.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

// All of them in the text format of Prometheus. A counter with several labels has only those
// combinations that have happened.
std::string metrics_text(const Metrics& metrics, const MetricNames& names);

// The table of all metrics for docs/metrics.md.
std::string metrics_reference();

}  // namespace gw::telemetry
