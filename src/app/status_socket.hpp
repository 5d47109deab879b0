#pragma once

#include "app/gateway_question.hpp"
#include "base/error.hpp"
#include "net/socket_file.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace gw::app {

// How a running gateway answers the user that it runs as, and nobody else: a Unix socket that reads
// one line, a question, answers by one text, and closes.
class StatusSocket {
public:
    using Answer = std::function<std::string(std::string_view question)>;

    // Makes it at `path`, where one of a dead process is replaced and one of a living process never
    // is. A folder named by status_folders() is made if need be, and what dead processes left in it
    // removed. `answer` is called on threads of this, at the same time, which last as long as it.
    // Signals that others take must be blocked by now.
    static Result<std::unique_ptr<StatusSocket>> open(std::string path, Answer answer);

    StatusSocket(const StatusSocket&) = delete;
    StatusSocket& operator=(const StatusSocket&) = delete;
    ~StatusSocket();

    const std::string& path() const { return path_; }

private:
    static constexpr std::size_t threads = 8;

    StatusSocket(int descriptor, std::string path, Answer answer);

    void serve();

    int descriptor_;
    std::string path_;
    net::SocketFile file_;
    Answer answer_;
    std::array<std::thread, threads> threads_;  // One that waits for an answer keeps no other up.
};

// What the gateway at `path` answers. Errc::unavailable when none does, or it is another one than
// the question is for, with the reason; Errc::timed_out when one is there and says nothing within
// five seconds, or to "reload" within a minute.
Result<std::string> ask_gateway(const std::string& path, const GatewayQuestion& question);

}  // namespace gw::app
