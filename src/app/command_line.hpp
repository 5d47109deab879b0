#pragma once

#include "app/call_command.hpp"
#include "app/environment.hpp"
#include "app/exit_code.hpp"
#include "app/list_command.hpp"
#include "app/load_settings.hpp"
#include "app/reload_command.hpp"
#include "app/settings.hpp"
#include "app/status_command.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace gw::app {

// What the command line asks for.
struct Command {
    enum class Kind { serve, check, config, hash_token, status, reload, list, call, done };

    Kind kind = Kind::done;
    int exit_code = exit_ok;  // Of `done`, by when everything has been printed.

    Sources sources;                    // For serve, also to load again at SIGHUP.
    Settings settings;                  // For serve: loaded and checked.
    std::vector<std::string> warnings;  // For serve: to be logged.
    std::vector<LeftOut> left_out;      // The same.

    std::vector<std::string> files;  // For check.
    bool is_markdown = false;        // For config.
    bool is_of_variables = false;    // The same.
    std::string name;                // For hash_token.
    StatusQuery status;
    ReloadQuery reload;
    ListQuery list;
    CallQuery call;
};

// Without --config and --mcp-servers, `serve` reads bascule.yaml of the working directory.
Command parse_command_line(
    int argc,
    const char* const* argv,
    const Environment& environment,
    std::ostream& out,
    std::ostream& err
);

// Does what a command other than serve asks for; returns the exit code.
int run_command(
    const Command& command,
    const Environment& environment,
    std::istream& in,
    std::ostream& out,
    std::ostream& err
);

}  // namespace gw::app
