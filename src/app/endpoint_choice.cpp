#include "app/endpoint_choice.hpp"

#include "app/grammar.hpp"
#include "app/load_settings.hpp"
#include "app/status_path.hpp"
#include "app/status_socket.hpp"
#include "app/text_file.hpp"
#include "base/ascii.hpp"
#include "base/json.hpp"
#include "net/listen_address.hpp"

#include <filesystem>

namespace gw::app {

namespace {

const std::string path = "/mcp";

std::unexpected<Error> refused(std::string text) {
    return fail(Errc::invalid_params, std::move(text));
}

// RFC 3986 3.1: a scheme is the same in capitals.
void lower_scheme(std::string& url) {
    const auto end = url.find("://");
    if (end != std::string::npos) url.replace(0, end, to_lower(url.substr(0, end)));
}

// RFC 3986 3.2.1
bool has_user_info(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return false;
    url.remove_prefix(begin + 3);
    return url.substr(0, url.find_first_of("/?#")).contains('@');
}

// Who listens at all addresses is reached at this machine's own.
std::string reachable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

// Where a gateway listens, as a client names it.
ChosenEndpoint endpoint_at(const net::ListenAddress& listen, bool is_tls) {
    const std::string scheme = is_tls ? "https://" : "http://";
    if (listen.is_unix()) return {.url = scheme + "localhost" + path, .socket = listen.path};
    return {.url = scheme + net::to_authority(reachable(listen.host), listen.port) + path};
}

// Nothing when the port was chosen at the start.
Result<std::optional<ChosenEndpoint>> configured(
    const EndpointChoice& choice, const Environment& environment
) {
    Sources sources;
    sources.config = choice.config.value_or(default_config);
    sources.is_reference_env = choice.is_reference_env;
    GW_TRY(const auto loaded, load_settings(sources, environment));
    const auto& settings = loaded.settings;
    const auto listen = net::parse_listen_address(settings.listen);
    if (!listen) return refused(*sources.config + ": \"listen\" is no address");
    if (!listen->is_unix() && listen->port == 0) return {};
    return endpoint_at(*listen, !settings.tls.certificate.empty());
}

Result<ChosenEndpoint> running(const Environment& environment) {
    std::string address;
    std::string all;
    for (const auto& socket : status_sockets(status_folders(environment))) {
        const auto answer = ask_gateway(socket, {.word = "status"});
        // Another one must not be taken for one that is only silent.
        if (!answer && answer.error().kind == Errc::timed_out) {
            return refused(answer.error().text + "; give --url");
        }
        if (!answer) continue;
        GW_TRY(const auto status, json::Object::parse(*answer));
        GW_TRY(address, status.string("address"));
        all.append(all.empty() ? "" : ", ").append(address);
    }
    if (all.empty()) return refused("no gateway of yours is running; give --url or --config");
    if (all != address) {
        return refused("several gateways of yours are running (" + all + "); give --url");
    }
    if (const auto listen = net::parse_listen_address(address); listen && listen->is_unix()) {
        return endpoint_at(*listen, false);
    }
    return ChosenEndpoint{.url = address + path};
}

Result<ChosenEndpoint> find_endpoint(const EndpointChoice& choice, const Environment& environment) {
    if (choice.url) {
        const auto listen = net::parse_listen_address(*choice.url);
        if (listen && listen->is_unix()) return endpoint_at(*listen, false);
        return ChosenEndpoint{.url = *choice.url};
    }
    std::error_code ignored;
    if (choice.config || std::filesystem::exists(default_config, ignored)) {
        GW_TRY(auto found, configured(choice, environment));
        if (found) return *std::move(found);
        if (choice.config) {
            return refused(*choice.config + ": the port is chosen at the start; give --url");
        }
    }
    return running(environment);
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
    GW_TRY(auto chosen, find_endpoint(choice, environment));
    lower_scheme(chosen.url);
    if (has_user_info(chosen.url)) {
        return refused(
            "--url is a URL with credentials, which are not sent: write it without them, and give "
            "a "
            "token by --token-file or BASCULE_TOKEN"
        );
    }
    if (!is_http_url(chosen.url)) return refused(chosen.url + " is no http or https URL");
    GW_TRY(chosen.token, find_token(choice, environment));
    chosen.ca_file = choice.ca_file;
    return chosen;
}

}  // namespace gw::app
