#include "app/file_signature.hpp"

#include <cstddef>
#include <sys/stat.h>

namespace gw::app {

std::vector<FileSignature> signatures(const std::vector<std::string>& files) {
    std::vector<FileSignature> all;
    all.reserve(files.size());
    for (const auto& file : files) {
        struct stat is{};
        if (::stat(file.c_str(), &is) != 0) is = {};
        all.push_back({is.st_dev, is.st_ino, is.st_size, is.st_mtim.tv_sec, is.st_mtim.tv_nsec});
    }
    return all;
}

bool is_any_gone(const std::vector<FileSignature>& before, const std::vector<FileSignature>& now) {
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (before[i].is_there() && !now[i].is_there()) return true;
    }
    return false;
}

}  // namespace gw::app
