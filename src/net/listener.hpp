#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "net/listen_address.hpp"
#include "net/shard.hpp"
#include "net/socket_file.hpp"
#include "net/stream.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gw::net {

namespace impl {
struct RawAddress;
}

// Accepts connections on one shard. All of it but the constructor's work happens on that shard.
class Listener {
public:
    // Gets one connection, on the thread of the shard that it is for, and the numeric address of
    // the other side ("127.0.0.1"; "unix" for a Unix socket). It must not wait. Listeners of a Unix
    // socket call it on every shard, at the same time.
    using Handler = std::function<void(Shard& shard, Stream::Socket socket, std::string peer)>;

    // Takes over a socket that has just begun to listen on `address`. Connections are for
    // `targets` in turn.
    Listener(Shard& shard, Socket socket, ListenAddress address, std::vector<Shard*> targets);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();  // The accept loop must have ended.

    // Where it listens, with the port that the system has chosen.
    const ListenAddress& address() const { return address_; }

    // What happens while the process has no descriptors left.
    struct Shortage {
        // Gets each connection that is accepted with a descriptor kept back for that, on the thread
        // of this listener. It should close it soon: there are reserves_max of them at a time.
        Handler handler;
        std::function<void()> report;  // Called whenever there was none.
    };

    // Accepts until close(), or until the task is cancelled. While the process has no descriptors
    // left, and `shortage` does not help, it pauses, and goes on after `pause`.
    Task<> accept_loop(Handler handler, Shortage shortage = {});

    // Accepts nothing more. The file of a Unix socket goes, unless it is another one by now.
    void close();

    static constexpr std::chrono::milliseconds pause{100};

    // Who says nothing keeps only one of these from others.
    static constexpr std::size_t reserves_max = 8;

private:
    bool accept_some(const std::shared_ptr<const Handler>& handler);
    void accept_in_need(const Shortage& shortage);
    int accept_one(impl::RawAddress& peer);
    bool keep_reserves();
    void hand_over(
        DetachedStream stream, std::string peer, const std::shared_ptr<const Handler>& handler
    );

    Shard& shard_;
    Socket socket_;
    ListenAddress address_;
    SocketFile file_;  // Of a Unix socket.
    std::vector<Shard*> targets_;
    std::size_t next_ = 0;       // Of targets_.
    std::vector<int> reserves_;  // Descriptors that are kept for when there are no others.
};

// Starts to listen. For TCP there is one listener a shard, among which the kernel spreads the
// connections; for a Unix socket one, on the first shard, which hands them over. `shards` is not
// empty. Errc::unavailable, with a text for the operator, when it cannot be done.
Result<std::vector<std::unique_ptr<Listener>>> listen(
    std::span<Shard* const> shards, const ListenAddress& address
);

}  // namespace gw::net
