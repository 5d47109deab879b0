#pragma once

#include "app/environment.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// Which running gateways a command speaks to. With a config only the one that was started on that
// file, never another. Without config and socket: all of this user whose sockets lie where they
// usually do, and that of bascule.yaml of the working directory.
struct GatewayQuery {
    std::optional<std::string> config;
    std::optional<std::string> socket;
    bool is_reference_env = false;  // As in Sources.
};

// Their sockets, some of which may be of dead processes.
struct GatewaySockets {
    std::vector<std::string> paths;
    bool is_named = false;  // By the user: then it is an error that nobody answers there.
    std::string file = {};  // Absolute; the file that the gateway has to have, if any.
    std::string hint = {};  // What may help where nobody answers; goes behind the reason.
};

// Where a file is named, the gateway that has it is looked for where the file says and, because the
// file may have been changed since that was started, at all usual places. Else nobody is asked.
// Fails when the file cannot be read, or says of no socket and no gateway has it.
Result<GatewaySockets> find_gateways(const GatewayQuery& query, const Environment& environment);

inline constexpr std::string_view no_gateway =
    "no gateway of yours is running (where a socket is kept elsewhere: give --config FILE or "
    "--socket PATH)";

}  // namespace gw::app
