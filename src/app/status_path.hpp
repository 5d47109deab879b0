#pragma once

#include "app/environment.hpp"
#include "net/listen_address.hpp"

#include <string>
#include <string_view>
#include <vector>

// Where the status sockets of gateways lie. Whoever asks one finds it by the same rule.
namespace gw::app {

// The folders in which sockets of this user's gateways may lie, the first of which is for new ones:
// bascule in $XDG_RUNTIME_DIR, if that is this user's; bascule-UID in the temporary directory.
std::vector<std::string> status_folders(const Environment& environment);

// Whether it is a folder that nobody else can put anything into.
bool is_private_folder(const std::string& folder);

// All sockets in these folders, of gateways that have died too.
std::vector<std::string> status_sockets(const std::vector<std::string>& folders);

// The path that `setting`, which is status.socket, says for a gateway that listens at `listen`;
// empty for none. A port 0 must have become a real one.
std::string status_path(
    std::string_view setting, const net::ListenAddress& listen, const Environment& environment
);

}  // namespace gw::app
