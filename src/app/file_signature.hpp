#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gw::app {

// What tells a file from another one at its place, and from what it was; all zero for no file.
struct FileSignature {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t seconds = 0;  // Of the last change.
    std::int64_t nanoseconds = 0;

    bool is_there() const { return inode != 0; }

    bool operator==(const FileSignature&) const = default;
};

// One for each of the files. Links are followed.
std::vector<FileSignature> signatures(const std::vector<std::string>& files);

// Whether one that was there is not there any more. Both are of the same files.
bool is_any_gone(const std::vector<FileSignature>& before, const std::vector<FileSignature>& now);

}  // namespace gw::app
