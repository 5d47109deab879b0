#include "app/gateway_sockets.hpp"

#include "app/listen_address.hpp"
#include "app/load_settings.hpp"
#include "app/status_path.hpp"

#include <algorithm>
#include <filesystem>

namespace gw::app {

namespace {

// The socket that the settings say; empty for none.
Result<std::string> configured(const GatewayQuery& query, const Environment& environment) {
    Sources sources;
    sources.config = query.config.value_or(default_config);
    sources.is_reference_env = query.is_reference_env;
    GW_TRY(const auto loaded, load_settings(sources, environment));
    const auto& settings = loaded.settings;
    const auto listen = parse_listen_address(settings.listen);
    const bool is_chosen_at_start = listen && !listen->is_unix() && listen->port == 0;
    if (!listen || (is_chosen_at_start && settings.status.socket == "auto")) return {};
    return status_path(settings.status.socket, *listen, environment);
}

}  // namespace

Result<GatewaySockets> find_gateways(const GatewayQuery& query, const Environment& environment) {
    if (query.socket) return GatewaySockets{{*query.socket}, true};
    if (query.config) {
        GW_TRY(auto path, configured(query, environment));
        if (!path.empty()) return GatewaySockets{{std::move(path)}, true};
    }
    GatewaySockets found{status_sockets(status_folders(environment)), false};
    std::error_code ignored;
    if (!query.config && std::filesystem::exists(default_config, ignored)) {
        auto path = configured(query, environment);
        const bool is_new =
            path && !path->empty() && std::ranges::find(found.paths, *path) == found.paths.end();
        if (is_new) found.paths.push_back(std::move(*path));
    }
    return found;
}

}  // namespace gw::app
