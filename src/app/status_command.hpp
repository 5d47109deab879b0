#pragma once

#include "app/gateway_sockets.hpp"

#include <iosfwd>

namespace gw::app {

// What `bascule status` is asked for.
struct StatusQuery {
    GatewayQuery gateways;
    bool is_json = false;  // Each gateway as one line of JSON.
};

// Returns the exit code.
int print_status(
    const StatusQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
);

}  // namespace gw::app
