#include "net/socket_file.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gw::net {

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
    struct stat status{};
    if (::lstat(path_.c_str(), &status) != 0) path_.clear();
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

void SocketFile::remove() {
    const auto path = std::exchange(path_, {});
    struct stat status{};
    if (path.empty() || ::lstat(path.c_str(), &status) != 0) return;
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path.c_str());
}

}  // namespace gw::net
