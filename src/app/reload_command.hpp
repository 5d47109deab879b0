#pragma once

#include "app/gateway_sockets.hpp"

#include <iosfwd>

namespace gw::app {

// What `bascule reload` is asked for: one gateway, which has to be named where several run.
struct ReloadQuery {
    GatewayQuery gateways;
    bool is_json = false;
};

// Has a running gateway read its settings anew, and prints what that has changed when it holds.
// Returns the exit code: exit_usage when the settings are refused, exit_failed when no gateway
// answers.
int reload_gateway(
    const ReloadQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
);

}  // namespace gw::app
