#pragma once

#include "upstream/ground/config.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gw::upstream {

// The configuration of a server that is a program.
inline Config program(
    std::string command,
    std::vector<std::string> args = {},
    std::map<std::string, std::string> env = {},
    std::string cwd = {}
) {
    Config config;
    config.name = "files";
    config.command = std::move(command);
    config.program = config.command.substr(config.command.find_last_of('/') + 1);
    config.args = std::move(args);
    config.env = std::move(env);
    config.cwd = std::move(cwd);
    return config;
}

}  // namespace gw::upstream
