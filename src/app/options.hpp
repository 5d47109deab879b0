#pragma once

#include "app/settings.hpp"
#include "gateway/parks.hpp"
#include "session/registry.hpp"
#include "transport/options.hpp"
#include "upstream/ground/config.hpp"
#include "web/options.hpp"

#include <string_view>

namespace gw::app {

// What the settings say, in the form in which the parts take it.
// For what listens at `address`, one of the settings.
web::Options to_web_options(const Settings& settings, std::string_view address);
transport::Options to_mcp_options(const Settings& settings);
session::StreamLimits to_stream_limits(const Settings& settings);
session::SessionLimits to_session_limits(const Settings& settings);
gateway::ParkLimits to_park_limits(const Settings& settings);
upstream::Limits to_upstream_limits(const Settings& settings);

}  // namespace gw::app
