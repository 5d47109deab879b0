#pragma once

#include "web/route.hpp"

#include <vector>

namespace gw::app {

// Who answers what, on one shard.
struct Handlers {
    web::Handler& mcp;
    web::Handler& alive;
    web::Handler& ready;
    web::Handler& description;
    web::Handler& metrics;
};

// The table of everything that is served.
std::vector<web::Route> routes(const Handlers& handlers);

// That of the listener for metrics.
std::vector<web::Route> metrics_routes(web::Handler& metrics, web::Access access);

}  // namespace gw::app
