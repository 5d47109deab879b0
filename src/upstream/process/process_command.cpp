#include "upstream/process/process_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::string_view usual_path = "/usr/local/bin:/usr/bin:/bin";

std::unexpected<Error> unusable(std::string detail) {
    return fail(Errc::upstream_failed, "the upstream server cannot be started", std::move(detail));
}

Variables environment_of(const Config& config, const Variables& inherited) {
    Variables all = config.env;
    all.insert(inherited.begin(), inherited.end());
    return all;
}

// The operating system ends each of these texts at the first NUL, and a name at the first '='.
Result<void> check(const Config& config, const Variables& environment) {
    const auto has_nul = [](const std::string& text) { return text.contains('\0'); };
    bool is_wrong =
        has_nul(config.command) || has_nul(config.cwd) || std::ranges::any_of(config.args, has_nul);
    for (const auto& [name, value] : environment) {
        is_wrong = is_wrong || name.empty() || name.contains('=') || has_nul(name + value);
    }
    if (is_wrong) return unusable("command, args, cwd or env hold a NUL, or a name in env a '='");
    return {};
}

bool is_executable(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

// POSIX, Environment Variables, PATH; but an empty prefix, which means the current directory, is
// passed over.
std::string find_in_path(const std::string& command, std::string_view path) {
    while (!path.empty()) {
        const auto folder = path.substr(0, path.find(':'));
        path.remove_prefix(std::min(path.size(), folder.size() + 1));
        if (folder.empty()) continue;
        auto candidate = std::string(folder) + "/" + command;
        if (is_executable(candidate)) return candidate;
    }
    return {};
}

// Variables are replaced in commands and folders, so no message quotes them.
std::unexpected<Error> not_found(const Config& config) {
    const bool has_name = !config.program.empty();
    auto detail = "command: " + (has_name ? config.program : "it") + " is no executable file";
    if (!config.command.contains('/')) {
        detail += " in any folder of PATH: write its whole path, or set PATH in its env";
    }
    if (config.command.find_first_of(" \t\r\n") != std::string::npos) {
        detail += "; there is white space in it, but arguments belong into args";
    }
    const auto name = has_name ? " " + config.program : "";
    return fail(Errc::upstream_failed, "the program" + name + " was not found", std::move(detail));
}

}  // namespace

Result<ProcessCommand> find_command(const Config& config, const Variables& inherited) {
    const auto environment = environment_of(config, inherited);
    GW_DO(check(config, environment));
    std::error_code error;
    if (!config.cwd.empty() && !std::filesystem::is_directory(config.cwd, error)) {
        return unusable("cwd: the folder was not found");
    }
    ProcessCommand command{
        .path = {}, .arguments = {config.command}, .environment = {}, .cwd = config.cwd
    };
    if (config.command.contains('/')) {
        // As the child would read it: from where it runs.
        const auto path =
            std::filesystem::absolute(config.cwd / std::filesystem::path(config.command));
        if (is_executable(path)) command.path = path;
    } else if (!config.command.empty()) {
        const auto path = environment.find("PATH");
        const auto folders =
            path == environment.end() ? usual_path : std::string_view(path->second);
        command.path = find_in_path(config.command, folders);
    }
    if (command.path.empty()) return not_found(config);
    std::ranges::copy(config.args, std::back_inserter(command.arguments));
    for (const auto& [name, value] : environment) {
        command.environment.push_back(name + "=" + value);
    }
    return command;
}

}  // namespace gw::upstream
