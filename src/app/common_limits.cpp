#include "app/common_limits.hpp"

namespace gw::app {

namespace {

async::OwnedLimits sessions_of(const Settings& settings) {
    return {.max = settings.sessions.max, .per_owner_max = settings.sessions.max_per_principal};
}

async::OwnedLimits parks_of(const Settings& settings) {
    const auto& limits = settings.limits;
    return {.max = limits.parks_max, .per_owner_max = limits.parks_per_principal_max};
}

}  // namespace

CommonLimits::CommonLimits(const Settings& settings, unsigned workers)
    : sessions(sessions_of(settings)),
      parks(parks_of(settings)),
      in_flight(settings.limits.in_flight_max, workers),
      connections(settings.limits.connections_max, workers),
      buffered_bytes(settings.streams.buffered_bytes_max, workers) {}

void CommonLimits::set(const Settings& settings) {
    sessions.set_limits(sessions_of(settings));
    parks.set_limits(parks_of(settings));
    in_flight.set_max(settings.limits.in_flight_max);
    connections.set_max(settings.limits.connections_max);
    buffered_bytes.set_max(settings.streams.buffered_bytes_max);
}

}  // namespace gw::app
