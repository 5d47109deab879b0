#include "app/options.hpp"

#include "base/assert.hpp"
#include "net/listen_address.hpp"

#include <algorithm>

namespace gw::app {

web::Options to_web_options(const Settings& settings, std::string_view address) {
    web::Options options;
    const auto parsed = net::parse_listen_address(address);
    options.is_loopback = parsed && parsed->is_local();
    if (parsed) {
        const bool is_ipv6 = parsed->host.contains(':');
        options.listen_host = is_ipv6 ? "[" + parsed->host + "]" : parsed->host;
    }
    options.has_cors = settings.cors;
    options.is_logging_access = settings.log.access;
    options.allowed_hosts = settings.allowed_hosts;
    options.allowed_origins = settings.allowed_origins;
    options.is_tls = !settings.tls.certificate.empty();
    if (!settings.public_url.empty()) {
        auto url = web::parse_public_url(settings.public_url);
        GW_ASSERT(url);  // It was checked when it was read, and so was each of the next.
        options.public_url = *std::move(url);
    }
    auto proxies = web::TrustedProxies::parse(settings.trusted_proxies);
    GW_ASSERT(proxies);
    options.trusted_proxies = *std::move(proxies);
    options.has_proxy_protocol = settings.proxy_protocol;
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
    options.depth_max = static_cast<int>(settings.limits.depth_max);
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
    limits.depth_max = static_cast<int>(settings.limits.depth_max);
    limits.connect_timeout = settings.timeouts.connect;
    limits.start_timeout = settings.timeouts.start;
    limits.list_timeout = settings.timeouts.list;
    // As many as may be parked, beside those that run.
    constexpr std::size_t running_of_one_owner = 48;
    auto& alone = limits.calls_alone;
    alone.of_one_owner = running_of_one_owner + settings.limits.parks_per_principal_max;
    alone.in_all = std::max(alone.in_all, alone.of_one_owner);
    limits.processes_max = settings.processes.max;
    limits.processes_per_upstream_max = settings.processes.per_upstream_max;
    limits.process_spares = settings.processes.spares;
    limits.process_idle_timeout = settings.processes.idle_timeout;
    limits.process_restarts_max = settings.processes.restarts_max;
    limits.process_restart_window = settings.processes.restart_window;
    limits.process_kill_after = settings.processes.kill_after;
    return limits;
}

}  // namespace gw::app
