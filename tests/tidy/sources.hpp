#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

// The source tree, for tests that look at it.
namespace gw::test {

const std::filesystem::path root = GW_SOURCE_DIR;

inline std::string read(const std::filesystem::path& path) {
    const std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// Calls visit(path, text) for each C++ file under `folder`, with its path from there.
template <typename Visit>
void each_source(const std::filesystem::path& folder, Visit visit) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension != ".hpp" && extension != ".cpp") continue;
        visit(std::filesystem::relative(entry.path(), folder), read(entry.path()));
    }
}

// The same for src/.
template <typename Visit>
void each_source(Visit visit) {
    each_source(root / "src", visit);
}

}  // namespace gw::test
