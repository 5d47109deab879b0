#pragma once

#include <string>
#include <sys/types.h>

namespace gw::net {

// The file of a Unix socket at which this process listens. Another process may have put its own in
// the place by the time that ours goes, so that a path alone does not say whose it is.
class SocketFile {
public:
    SocketFile() = default;

    // What lies at `path` now: right after bind().
    explicit SocketFile(std::string path);

    // Removes it if it is still the same. The socket is still open, so that no other file can have
    // its number; nothing happens the second time.
    void remove();

private:
    std::string path_;  // Empty: there is none.
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace gw::net
