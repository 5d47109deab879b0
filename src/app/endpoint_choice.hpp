#pragma once

#include "app/environment.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>

namespace gw::app {

// Where a command that is a client connects, as the command line says it. A token is never on the
// command line, where everybody on the machine could read it.
struct EndpointChoice {
    std::optional<std::string> url;         // Or "unix:" and the path of a socket.
    std::optional<std::string> config;      // Instead of a URL: where these settings listen.
    bool is_reference_env = false;          // As in Sources.
    std::optional<std::string> token_file;  // Else the variable BASCULE_TOKEN, if it is set.
    std::string ca_file;                    // Authorities to trust beside the system's, or empty.
};

// An MCP endpoint, and who one is there.
struct ChosenEndpoint {
    std::string url;
    std::string socket = {};  // The path of the Unix socket to reach it by; empty: as the URL says.
    std::string token = {};   // Empty for none.
    std::string ca_file = {};
};

// Without URL and settings it is that of bascule.yaml of the working directory, else the only
// gateway of this user that runs. Errc::invalid_params, with what to give instead.
Result<ChosenEndpoint> choose_endpoint(
    const EndpointChoice& choice, const Environment& environment
);

}  // namespace gw::app
