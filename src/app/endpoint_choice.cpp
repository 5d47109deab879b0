#include "app/endpoint_choice.hpp"

#include "app/grammar.hpp"
#include "app/listen_address.hpp"
#include "app/load_settings.hpp"
#include "app/status_path.hpp"
#include "app/status_socket.hpp"
#include "app/text_file.hpp"
#include "base/json.hpp"
#include "net/endpoint.hpp"

#include <filesystem>

namespace gw::app {

namespace {

constexpr std::string_view path = "/mcp";

std::unexpected<Error> refused(std::string text) {
    return fail(Errc::invalid_params, std::move(text));
}

// Who listens at all addresses is reached at this machine's own.
std::string reachable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

// Empty when the port was chosen at the start.
Result<std::string> configured_url(const EndpointChoice& choice, const Environment& environment) {
    Sources sources;
    sources.config = choice.config.value_or(default_config);
    sources.is_reference_env = choice.is_reference_env;
    GW_TRY(const auto loaded, load_settings(sources, environment));
    const auto& settings = loaded.settings;
    const auto listen = parse_listen_address(settings.listen);
    if (!listen || listen->is_unix()) {
        return refused(*sources.config + ": the gateway listens at a Unix socket; give --url");
    }
    if (listen->port == 0) return {};
    const bool is_tls = !settings.tls.certificate.empty();
    return std::string(is_tls ? "https://" : "http://")
        .append(net::to_authority(reachable(listen->host), listen->port))
        .append(path);
}

Result<std::string> running_url(const Environment& environment) {
    std::string url;
    for (const auto& socket : status_sockets(status_folders(environment))) {
        const auto answer = ask_gateway(socket, "status");
        if (!answer) continue;
        if (!url.empty()) return refused("several gateways of yours are running; give --url");
        GW_TRY(const auto status, json::Object::parse(*answer));
        GW_TRY(url, status.string("address"));
        url += path;
    }
    if (url.empty()) return refused("no gateway of yours is running; give --url or --config");
    return url;
}

Result<std::string> find_url(const EndpointChoice& choice, const Environment& environment) {
    if (choice.url) return *choice.url;
    std::error_code ignored;
    if (choice.config || std::filesystem::exists(default_config, ignored)) {
        GW_TRY(auto url, configured_url(choice, environment));
        if (!url.empty()) return url;
    }
    return running_url(environment);
}

Result<std::string> find_token(const EndpointChoice& choice, const Environment& environment) {
    constexpr std::string_view white_space = " \t\r\n";
    auto token = environment("BASCULE_TOKEN").value_or("");
    if (choice.token_file) {
        GW_TRY(token, read_text_file(*choice.token_file));
    }
    token.erase(token.find_last_not_of(white_space) + 1);
    token.erase(0, std::min(token.find_first_not_of(white_space), token.size()));
    if (!is_header_value(token)) return refused("the token has characters that no token can have");
    return token;
}

}  // namespace

Result<ChosenEndpoint> choose_endpoint(
    const EndpointChoice& choice, const Environment& environment
) {
    ChosenEndpoint chosen;
    GW_TRY(chosen.url, find_url(choice, environment));
    if (!is_http_url(chosen.url)) return refused(chosen.url + " is no http or https URL");
    GW_TRY(chosen.token, find_token(choice, environment));
    chosen.ca_file = choice.ca_file;
    return chosen;
}

}  // namespace gw::app
