#include "app/machine.hpp"

#include "upstream/process/process_command.hpp"

#include <sys/stat.h>

namespace gw::app {

std::optional<std::string> find_loose_tokens_file(const Settings& settings) {
    const auto& file = settings.auth.tokens_file;
    struct stat status{};
    if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
    return file + " (auth.tokens_file) can be written by others than its owner: chmod go-w";
}

std::vector<std::string> find_missing_programs(
    const Settings& settings, const Environment& environment
) {
    upstream::Variables ours;
    if (auto path = environment("PATH")) ours.emplace("PATH", std::move(*path));
    std::vector<std::string> missing;
    for (const auto& server : settings.upstreams) {
        if (server.command.empty()) continue;
        upstream::Config config;
        config.command = server.command;
        config.program = server.program;
        config.env = server.env;
        config.cwd = server.cwd;
        const auto found = upstream::find_command(config, ours);
        if (found) continue;
        missing.push_back(server.place.text + ": " + server.name + ": " + found.error().detail);
    }
    return missing;
}

}  // namespace gw::app
