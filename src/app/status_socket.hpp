#pragma once

#include "base/error.hpp"
#include "net/socket_file.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace gw::app {

// How a running gateway tells the user that it runs as, and nobody else, how it stands: a Unix
// socket that answers whoever connects by one text, and closes.
class StatusSocket {
public:
    // Makes it at `path`, where one of a dead process is replaced and one of a living process never
    // is. A folder named by status_folders() is made if need be, and what dead processes left in it
    // removed. `tell` is called on a thread of this, which lasts as long as it. Signals that others
    // take must be blocked by now.
    static Result<std::unique_ptr<StatusSocket>> open(
        std::string path, std::function<std::string()> tell
    );

    StatusSocket(const StatusSocket&) = delete;
    StatusSocket& operator=(const StatusSocket&) = delete;
    ~StatusSocket();

    const std::string& path() const { return path_; }

private:
    StatusSocket(int descriptor, std::string path, std::function<std::string()> tell);

    void serve();

    int descriptor_;
    std::string path_;
    net::SocketFile file_;
    std::function<std::string()> tell_;
    std::thread thread_;
};

// What the gateway at `path` says. Errc::unavailable when none does, with the reason.
Result<std::string> ask_status(const std::string& path);

}  // namespace gw::app
