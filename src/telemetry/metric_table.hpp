#pragma once

#include "telemetry/labels.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace gw::telemetry {

// What is counted and measured, in the order of the table below.
enum class Metric : std::uint8_t {
    http_requests,
    http_request_duration,
    gateway_duration,
    connections_accepted,
    connections_refused,
    mcp_requests,
    errors,
    upstream_requests,
    upstream_request_duration,
    upstream_sessions_opened,
    upstream_sessions_reopened,
    upstream_open_failures,
    upstream_up,
    upstream_entries,
    upstream_list_age,
    connections,
    requests_in_flight,
    sessions,
    streams,
    parked_calls,
    calls_parked,
    calls_resumed,
    calls_abandoned,
    upstream_sessions,
    upstream_processes,
    spare_processes,
    buffered_bytes,
    log_lines_dropped,
    workers,
    workers_missing,
    build_info,
    process_cpu,
    process_resident_memory,
    process_virtual_memory,
    process_open_descriptors,
    process_descriptors_max,
    process_start_time,
};

// What a metric is for Prometheus.
enum class Type : std::uint8_t { counter, gauge, histogram };

// Seconds are kept in nanoseconds.
enum class Unit : std::uint8_t { none, bytes, seconds };

using Labels = std::array<Label, 3>;  // Those that it has come first, and of them the upstream.

// One metric: what there is to know of it. The text for Prometheus and docs/metrics.md are made of
// it.
struct MetricRow {
    Metric metric;
    std::string_view name;
    Type type;
    Unit unit;
    std::string_view help;
    Labels labels{};

    constexpr bool is_per_upstream() const { return labels.front() == Label::upstream; }
};

inline constexpr std::array metric_table{
    MetricRow{
        Metric::http_requests,
        "bascule_http_requests_total",
        Type::counter,
        Unit::none,
        "HTTP requests that were answered, or whose stream was begun.",
        {Label::http_method, Label::status}
    },
    MetricRow{
        Metric::http_request_duration,
        "bascule_http_request_duration_seconds",
        Type::histogram,
        Unit::seconds,
        "Time from the head of a request until its answer was written; of a stream that answers a "
        "POST, until it ended."
    },
    MetricRow{
        Metric::gateway_duration,
        "bascule_gateway_duration_seconds",
        Type::histogram,
        Unit::seconds,
        "The gateway's own part of that time, of requests that were passed on to an upstream "
        "server once: reading, checking and routing them, and writing the answer."
    },
    MetricRow{
        Metric::connections_accepted,
        "bascule_connections_accepted_total",
        Type::counter,
        Unit::none,
        "Connections of clients that were served; one that moved to another worker counts again."
    },
    MetricRow{
        Metric::connections_refused,
        "bascule_connections_refused_total",
        Type::counter,
        Unit::none,
        "Connections that were closed at once, because there were too many or no descriptor was "
        "left."
    },
    MetricRow{
        Metric::mcp_requests,
        "bascule_mcp_requests_total",
        Type::counter,
        Unit::none,
        "Requests of MCP clients, by method, the era of the client and what came of them.",
        {Label::mcp_method, Label::era, Label::outcome}
    },
    MetricRow{
        Metric::errors,
        "bascule_errors_total",
        Type::counter,
        Unit::none,
        "Requests that the gateway itself refused or could not fulfil, by reason. What a server "
        "answered is none of them.",
        {Label::reason}
    },
    MetricRow{
        Metric::upstream_requests,
        "bascule_upstream_requests_total",
        Type::counter,
        Unit::none,
        "Requests to upstream servers, for clients and for the catalogue, by what came of them.",
        {Label::upstream, Label::outcome}
    },
    MetricRow{
        Metric::upstream_request_duration,
        "bascule_upstream_request_duration_seconds",
        Type::histogram,
        Unit::seconds,
        "Time that they took at the server, with connecting where that was needed.",
        {Label::upstream}
    },
    MetricRow{
        Metric::upstream_sessions_opened,
        "bascule_upstream_sessions_opened_total",
        Type::counter,
        Unit::none,
        "Upstream sessions that were opened.",
        {Label::upstream}
    },
    MetricRow{
        Metric::upstream_sessions_reopened,
        "bascule_upstream_sessions_reopened_total",
        Type::counter,
        Unit::none,
        "Of these, those that took the place of one that was lost or had been idle.",
        {Label::upstream}
    },
    MetricRow{
        Metric::upstream_open_failures,
        "bascule_upstream_open_failures_total",
        Type::counter,
        Unit::none,
        "Attempts to open an upstream session that failed.",
        {Label::upstream}
    },
    MetricRow{
        Metric::upstream_up,
        "bascule_upstream_up",
        Type::gauge,
        Unit::none,
        "1 when the last attempt to list the server succeeded, 0 when it failed or none has ended.",
        {Label::upstream}
    },
    MetricRow{
        Metric::upstream_entries,
        "bascule_upstream_entries",
        Type::gauge,
        Unit::none,
        "What the server lists, by kind.",
        {Label::upstream, Label::kind}
    },
    MetricRow{
        Metric::upstream_list_age,
        "bascule_upstream_list_age_seconds",
        Type::gauge,
        Unit::seconds,
        "Age of the list of the server that clients see; 0 as long as there is none.",
        {Label::upstream}
    },
    MetricRow{
        Metric::connections,
        "bascule_connections",
        Type::gauge,
        Unit::none,
        "Open connections of clients."
    },
    MetricRow{
        Metric::requests_in_flight,
        "bascule_requests_in_flight",
        Type::gauge,
        Unit::none,
        "Requests that are being read or answered, this one among them."
    },
    MetricRow{
        Metric::sessions, "bascule_sessions", Type::gauge, Unit::none, "Sessions of clients."
    },
    MetricRow{
        Metric::streams,
        "bascule_streams",
        Type::gauge,
        Unit::none,
        "Event streams of these that can be resumed."
    },
    MetricRow{
        Metric::parked_calls,
        "bascule_parked_calls",
        Type::gauge,
        Unit::none,
        "Calls that wait for their user's answer, or may have to."
    },
    MetricRow{
        Metric::calls_parked,
        "bascule_calls_parked_total",
        Type::counter,
        Unit::none,
        "Calls of stateless clients that were left to wait for the answers to a server's "
        "questions; "
        "one that waits twice counts twice."
    },
    MetricRow{
        Metric::calls_resumed,
        "bascule_calls_resumed_total",
        Type::counter,
        Unit::none,
        "Of these, those whose client came back in time."
    },
    MetricRow{
        Metric::calls_abandoned,
        "bascule_calls_abandoned_total",
        Type::counter,
        Unit::none,
        "Of these, those whose client did not, or that gave way to newer ones."
    },
    MetricRow{
        Metric::upstream_sessions,
        "bascule_upstream_sessions",
        Type::gauge,
        Unit::none,
        "Upstream sessions, open or not, and those for listing."
    },
    MetricRow{
        Metric::upstream_processes,
        "bascule_upstream_processes",
        Type::gauge,
        Unit::none,
        "Child processes of upstream servers."
    },
    MetricRow{
        Metric::spare_processes,
        "bascule_spare_processes",
        Type::gauge,
        Unit::none,
        "Of these, those that were started ahead."
    },
    MetricRow{
        Metric::buffered_bytes,
        "bascule_buffered_bytes",
        Type::gauge,
        Unit::bytes,
        "What counts against streams.buffered_bytes_max."
    },
    MetricRow{
        Metric::log_lines_dropped,
        "bascule_log_lines_dropped_total",
        Type::counter,
        Unit::none,
        "Lines of the log that found no room, because their reader stood still."
    },
    MetricRow{Metric::workers, "bascule_workers", Type::gauge, Unit::none, "Workers."},
    MetricRow{
        Metric::workers_missing,
        "bascule_workers_missing",
        Type::gauge,
        Unit::none,
        "Workers that did not answer within a second: what they have counted is not in this text."
    },
    MetricRow{
        Metric::build_info,
        "bascule_build_info",
        Type::gauge,
        Unit::none,
        "Always 1; the version is in the label.",
        {Label::version}
    },
    MetricRow{
        Metric::process_cpu,
        "process_cpu_seconds_total",
        Type::counter,
        Unit::seconds,
        "Processor time of this process, of user and system."
    },
    MetricRow{
        Metric::process_resident_memory,
        "process_resident_memory_bytes",
        Type::gauge,
        Unit::bytes,
        "Memory of this process that is in RAM."
    },
    MetricRow{
        Metric::process_virtual_memory,
        "process_virtual_memory_bytes",
        Type::gauge,
        Unit::bytes,
        "Address space of this process."
    },
    MetricRow{
        Metric::process_open_descriptors,
        "process_open_fds",
        Type::gauge,
        Unit::none,
        "Open file descriptors."
    },
    MetricRow{
        Metric::process_descriptors_max,
        "process_max_fds",
        Type::gauge,
        Unit::none,
        "How many of them there may be."
    },
    MetricRow{
        Metric::process_start_time,
        "process_start_time_seconds",
        Type::gauge,
        Unit::seconds,
        "When this process started, in seconds since 1970."
    },
};

// The row of a metric: they stand in the order of Metric.
constexpr const MetricRow& row_of(Metric metric) {
    return metric_table[static_cast<std::size_t>(metric)];
}

}  // namespace gw::telemetry
