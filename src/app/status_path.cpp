#include "app/status_path.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace gw::app {

namespace {

bool is_own_folder(const std::string& folder, unsigned forbidden_mode) {
    struct stat status{};
    return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid() && (status.st_mode & forbidden_mode) == 0;
}

// A name for a path: it is too long to be part of another one. FNV-1a.
std::string name_of(const std::string& path) {
    std::error_code ignored;
    const auto whole = std::filesystem::absolute(path, ignored).lexically_normal().string();
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const auto byte : whole)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    std::array<char, 16> digits{};
    const char* const end = std::to_chars(digits.begin(), digits.end(), hash, 16).ptr;
    return "unix-" + std::string(std::string_view(digits.data(), end));
}

}  // namespace

std::vector<std::string> status_folders(const Environment& environment) {
    std::vector<std::string> folders;
    const auto runtime = environment("XDG_RUNTIME_DIR");
    if (runtime && is_own_folder(*runtime, 0022)) folders.push_back(*runtime + "/bascule");
    auto temporary = environment("TMPDIR").value_or("");
    if (temporary.empty()) temporary = "/tmp";
    folders.push_back(temporary + "/bascule-" + std::to_string(::geteuid()));
    return folders;
}

bool is_private_folder(const std::string& folder) {
    return is_own_folder(folder, 0077);
}

std::vector<std::string> status_sockets(const std::vector<std::string>& folders) {
    std::vector<std::string> sockets;
    for (const auto& folder : folders) {
        if (!is_private_folder(folder)) continue;
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
            if (entry.path().extension() == ".sock") sockets.push_back(entry.path());
        }
    }
    std::ranges::sort(sockets);
    return sockets;
}

std::string status_path(
    std::string_view setting, const net::ListenAddress& listen, const Environment& environment
) {
    if (setting == "none") return {};
    if (setting != "auto") return std::string(setting);
    const auto name = listen.is_unix() ? name_of(listen.path) : std::to_string(listen.port);
    return status_folders(environment).front() + "/" + name + ".sock";
}

}  // namespace gw::app
