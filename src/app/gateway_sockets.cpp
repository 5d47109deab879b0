#include "app/gateway_sockets.hpp"

#include "app/load_settings.hpp"
#include "app/status_path.hpp"
#include "app/status_socket.hpp"
#include "net/listen_address.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace gw::app {

namespace {

std::unexpected<Error> unknown(const Sources& sources, const std::string& why) {
    return fail(
        Errc::invalid_params,
        *sources.config + " does not say where its gateway can be asked: " + why
    );
}

// As the gateway is told of it, which may run in another folder.
Result<std::string> absolute(const std::string& file) {
    std::error_code error;
    auto path = std::filesystem::absolute(file, error).string();
    if (error || path.contains('\n')) {
        return fail(Errc::invalid_params, "the path of the file cannot be told to the gateway");
    }
    return path;
}

// The socket that the settings say.
Result<std::string> configured(const GatewayQuery& query, const Environment& environment) {
    Sources sources;
    sources.config = query.config.value_or(default_config);
    sources.is_reference_env = query.is_reference_env;
    GW_TRY(const auto loaded, load_settings(sources, environment));
    const auto& settings = loaded.settings;
    const auto listen = net::parse_listen_address(settings.listen);
    if (!listen) return unknown(sources, "listen is no address");
    const bool is_chosen_at_start = !listen->is_unix() && listen->port == 0;
    if (is_chosen_at_start && settings.status.socket == "auto") {
        return unknown(
            sources, "the port of listen is chosen at the start, and with it the socket"
        );
    }
    auto path = status_path(settings.status.socket, *listen, environment);
    if (path.empty()) return unknown(sources, "status.socket is none");
    return path;
}

// The socket of the gateway that was started on `file`, which says that it is at `said`.
Result<GatewaySockets> sockets_of(
    const std::string& file, Result<std::string> said, const Environment& environment
) {
    constexpr std::string_view hint =
        " (if the file was changed since its gateway was started: name it by --socket PATH)";
    const auto is_it = [&](const std::string& path) {
        return ask_gateway(path, {.word = "status", .file = file}).has_value();
    };
    if (said && is_it(*said)) return GatewaySockets{{*std::move(said)}, true, file};
    for (auto& path : status_sockets(status_folders(environment))) {
        if (path != said.value_or("") && is_it(path)) {
            return GatewaySockets{{std::move(path)}, true, file};
        }
    }
    if (!said) return fail(said.error().kind, said.error().text + std::string(hint));
    return GatewaySockets{{*std::move(said)}, true, file, std::string(hint)};
}

}  // namespace

Result<GatewaySockets> find_gateways(const GatewayQuery& query, const Environment& environment) {
    std::string file;
    if (query.config) {
        GW_TRY(file, absolute(*query.config));
    }
    if (query.socket) return GatewaySockets{{*query.socket}, true, std::move(file)};
    if (query.config) {
        return sockets_of(file, configured(query, environment), environment);
    }
    GatewaySockets found{status_sockets(status_folders(environment)), false};
    std::error_code ignored;
    if (std::filesystem::exists(default_config, ignored)) {
        auto path = configured(query, environment);
        const bool is_new = path && std::ranges::find(found.paths, *path) == found.paths.end();
        if (is_new) found.paths.push_back(std::move(*path));
    }
    return found;
}

}  // namespace gw::app
