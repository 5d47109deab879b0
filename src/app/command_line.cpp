#include "app/command_line.hpp"

#include "app/check_command.hpp"
#include "app/nearest.hpp"
#include "app/settings_reference.hpp"
#include "app/tokens.hpp"
#include "app/variables_reference.hpp"
#include "net/listen_address.hpp"

#include <CLI/CLI.hpp>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>

namespace gw::app {
namespace {

constexpr auto footer = R"(Example:
  bascule serve --mcp-servers ~/.cursor/mcp.json --listen 127.0.0.1:8080
  Clients then connect to http://127.0.0.1:8080/mcp

Exit codes:
  0  all went well
  1  a failure while running
  2  the command line or the configuration is wrong
  3  cannot listen on the address)";

// The parser, and the command that it fills in.
struct Parser {
    Command command;
    CLI::App app{"Bascule: one endpoint in front of many MCP servers", "bascule"};

    Parser() {
        app.set_version_flag("--version", "bascule " GW_VERSION);
        app.require_subcommand(1);
        app.footer(footer);
        add_serve();
        add_others();
        add_status();
        add_reload();
        add_list();
        add_call();
    }

private:
    void add_sources(CLI::App& to) {
        to.add_option("--config", command.sources.config, "Settings (YAML)")->type_name("FILE");
        to.add_option(
              "--mcp-servers",
              command.sources.mcp_servers,
              "Upstreams as Claude, Cursor, VS Code and others keep them; may be repeated"
        )
            ->type_name("FILE")
            ->allow_extra_args(false);
        to.add_option(
              "--listen", command.sources.listen, "Where clients connect, whatever the file says"
        )
            ->type_name("HOST:PORT")
            ->check([](const std::string& text) -> std::string {
                if (net::parse_listen_address(text)) return {};
                return "expected HOST:PORT, [IPv6]:PORT or unix:PATH";
            });
        add_reference_env(to, command.sources.is_reference_env);
    }

    void add_serve() {
        auto* serve = app.add_subcommand("serve", "Run the gateway until SIGTERM or Ctrl-C");
        add_sources(*serve);
        serve->footer("Without --config and --mcp-servers, bascule.yaml of this folder is read.");
        serve->callback([this] { command.kind = Command::Kind::serve; });
    }

    static void add_reference_env(CLI::App& to, bool& is_reference_env) {
        to.add_flag(
            "--reference-env",
            is_reference_env,
            "Variables of ContextForge with common names (HOST, PORT, LOG_LEVEL, ...) count always"
        );
    }

    static void add_gateways(CLI::App& command, GatewayQuery& query) {
        command
            .add_option(
                "--config", query.config, "Only the gateway that was started on these settings"
            )
            ->type_name("FILE");
        command.add_option("--socket", query.socket, "Only the gateway with this socket")
            ->type_name("PATH");
        add_reference_env(command, query.is_reference_env);
    }

    void add_reload() {
        auto* reload =
            app.add_subcommand("reload", "Have a running gateway read its settings anew");
        add_gateways(*reload, command.reload.gateways);
        reload->add_flag("--json", command.reload.is_json, "What came of it as one line of JSON");
        reload->callback([this] { command.kind = Command::Kind::reload; });
    }

    void add_status() {
        auto* status = app.add_subcommand("status", "Say how the gateways that you run now stand");
        add_gateways(*status, command.status.gateways);
        status->add_flag("--json", command.status.is_json, "Each gateway as one line of JSON");
        status->callback([this] { command.kind = Command::Kind::status; });
    }

    void add_list() {
        auto* list = app.add_subcommand("list", "Say what an endpoint lists to its clients");
        list->add_option("KIND", command.list.kind, "tools, prompts or resources; else all")
            ->check(CLI::IsMember({"tools", "prompts", "resources"}));
        add_endpoint(*list, command.list.endpoint);
        list->add_flag("--json", command.list.is_json, "As one line of JSON");
        list->callback([this] { command.kind = Command::Kind::list; });
    }

    void add_call() {
        auto* call = app.add_subcommand("call", "Call a tool and print its result");
        call->add_option("TOOL", command.call.tool, "The tool, as `list` names it")->required();
        call->add_option(
            "KEY=VALUE",
            command.call.arguments,
            "Its arguments, each of the type that the tool's schema says; lists and objects as JSON"
        );
        add_endpoint(*call, command.call.endpoint);
        call->add_flag("--json", command.call.is_json, "The result as it came, on one line");
        call->footer("Example:\n  bascule call files-read-text-file path=/tmp/notes.txt");
        call->callback([this] { command.kind = Command::Kind::call; });
    }

    static void add_endpoint(CLI::App& to, EndpointChoice& endpoint) {
        to.add_option(
              "--url",
              endpoint.url,
              "The endpoint, or unix:PATH; else that of the gateway that runs"
        )
            ->type_name("URL");
        to.add_option("--config", endpoint.config, "Settings that say where the gateway listens")
            ->type_name("FILE");
        add_reference_env(to, endpoint.is_reference_env);
        to.add_option("--token-file", endpoint.token_file, "A token; else variable BASCULE_TOKEN")
            ->type_name("FILE");
        to.add_option("--ca-file", endpoint.ca_file, "Authorities (PEM) to trust for https")
            ->type_name("FILE");
    }

    void add_others() {
        auto* check = app.add_subcommand(
            "check", "Say whether the gateway could start with these files, all together"
        );
        check->add_option(
            "FILE", command.files, "Settings (YAML) or upstreams (JSON), told apart by themselves"
        );
        add_sources(*check);
        check->footer("Without any file, bascule.yaml of this folder is checked, as `serve` does.");
        check->callback([this] { command.kind = Command::Kind::check; });

        auto* config = app.add_subcommand("config", "Print every setting with default and meaning");
        config->add_flag(
            "--env", command.is_of_variables, "The variables of the environment that set them"
        );
        config->add_flag("--markdown", command.is_markdown, "As a table for documentation");
        config->callback([this] { command.kind = Command::Kind::config; });

        auto* hash = app.add_subcommand(
            "hash-token", "Read a token from standard input; print its line for auth.tokens_file"
        );
        hash->add_option("NAME", command.name, "Who the token stands for")->required();
        hash->footer("Example:\n  openssl rand -base64 32 | tee token | bascule hash-token alice");
        hash->callback([this] { command.kind = Command::Kind::hash_token; });
    }
};

// What is wrong with the first argument, if that is meant to be a subcommand and is none.
std::optional<std::string> unknown_subcommand(
    const CLI::App& app, int argc, const char* const* argv
) {
    if (argc < 2 || argv[1][0] == '-') return std::nullopt;
    const std::string name = argv[1];
    Nearest nearest(name);
    for (const auto* each : app.get_subcommands({})) {
        if (each->get_name() == name) return std::nullopt;
        nearest.consider(each->get_name());
    }
    return "there is no subcommand \"" + name.substr(0, 100) + "\"; the nearest is \"" +
           std::string(nearest.best()) + "\". Run bascule --help to see all";
}

// Settles what `serve` runs with.
void load(Command& command, const Environment& environment, std::ostream& err) {
    const auto settled = settle_default(command.sources);
    auto loaded = settled ? load_settings(command.sources, environment)
                          : Result<LoadedSettings>(std::unexpected(settled.error()));
    if (!loaded) {
        command.kind = Command::Kind::done;
        command.exit_code = refuse(loaded.error().text, err);
        return;
    }
    command.settings = std::move(loaded->settings);
    command.warnings = std::move(loaded->warnings);
    command.left_out = std::move(loaded->left_out);
}

std::string reference(const Command& command) {
    if (command.is_of_variables) {
        return command.is_markdown ? variables_markdown() : variables_columns();
    }
    return command.is_markdown ? settings_markdown() : settings_columns();
}

int hash_token(const std::string& name, std::istream& in, std::ostream& out, std::ostream& err) {
    std::string token;
    std::getline(in, token);
    if (token.ends_with('\r')) token.pop_back();
    const auto line = token_line(name, token);
    if (!line) return refuse(line.error().text, err);
    out << *line << "\n";
    return exit_ok;
}

}  // namespace

Command parse_command_line(
    int argc,
    const char* const* argv,
    const Environment& environment,
    std::ostream& out,
    std::ostream& err
) {
    Parser parser;
    if (const auto refusal = unknown_subcommand(parser.app, argc, argv)) {
        Command done;
        done.exit_code = refuse(*refusal, err);
        return done;
    }
    try {
        parser.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool is_serve = argc > 1 && std::string_view(argv[1]) == "serve";
        if (is_serve && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
            err << "serve takes files as --config FILE (settings) and --mcp-servers FILE (an MCP "
                   "client's servers)\n";
        }
        // --help and --version come as errors too, with the exit code 0.
        const int code = parser.app.exit(error, out, err);
        Command done;
        done.exit_code = code == 0 ? exit_ok : exit_usage;
        return done;
    }
    auto command = std::move(parser.command);
    if (command.kind == Command::Kind::serve) load(command, environment, err);
    return command;
}

int run_command(
    const Command& command,
    const Environment& environment,
    std::istream& in,
    std::ostream& out,
    std::ostream& err
) {
    const int code = command.exit_code;
    switch (command.kind) {
        case Command::Kind::serve:
        case Command::Kind::done: break;
        case Command::Kind::config: out << reference(command); break;
        case Command::Kind::check:
            return check(command.files, command.sources, environment, out, err);
        case Command::Kind::status: return print_status(command.status, environment, out, err);
        case Command::Kind::reload: return reload_gateway(command.reload, environment, out, err);
        case Command::Kind::list: return print_list(command.list, environment, out, err);
        case Command::Kind::call: return call_tool(command.call, environment, out, err);
        case Command::Kind::hash_token: return hash_token(command.name, in, out, err);
    }
    return code;
}

}  // namespace gw::app
