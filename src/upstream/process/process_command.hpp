#pragma once

#include "base/error.hpp"
#include "upstream/ground/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace gw::upstream {

// Environment variables by name.
using Variables = std::map<std::string, std::string>;

// A program to be started, with all that it is given.
struct ProcessCommand {
    std::string path;                      // Of the executable file.
    std::vector<std::string> arguments;    // The first is the program's name as configured.
    std::vector<std::string> environment;  // "NAME=value".
    std::string cwd;                       // Empty for ours.
};

// The command of an upstream server, looked up in the PATH that the child will have; without a PATH
// in /usr/local/bin, /usr/bin and /bin. Its own `env` comes before `inherited` (see
// inherited_variables()). It reads the file system, and does not wait.
//
// Errc::upstream_failed, with the reason in its detail, when there is no such executable file or no
// folder `cwd`, or when a text holds a NUL or a name in `env` a '='. It quotes nothing but
// Config::program: the others may hold secrets.
Result<ProcessCommand> find_command(const Config& config, const Variables& inherited);

}  // namespace gw::upstream
