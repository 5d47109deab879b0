#include "net/listener.hpp"

#include "async/sleep.hpp"
#include "base/assert.hpp"
#include "net/impl/address.hpp"
#include "net/impl/ready.hpp"
#include "net/networks.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gw::net {

namespace asio = boost::asio;

namespace {

constexpr int batch_max = 64;  // Then others have their turn on the shard.

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::string peer_text(const impl::RawAddress& peer) {
    if (peer.storage.ss_family == AF_UNIX) return "unix";
    return unmapped(impl::to_address(*peer.get())).to_string();
}

}  // namespace

Listener::Listener(Shard& shard, Socket socket, ListenAddress address, std::vector<Shard*> targets)
    : shard_(shard),
      socket_(std::move(socket)),
      address_(std::move(address)),
      targets_(std::move(targets)) {
    GW_ASSERT(!targets_.empty());
    if (address_.is_unix()) file_ = SocketFile(address_.path);
}

Listener::~Listener() {
    close();
}

Task<> Listener::accept_loop(Handler handler, Shortage shortage) {
    // Connections on their way to another shard share it.
    const auto shared = std::make_shared<const Handler>(std::move(handler));
    while (socket_.is_open()) {
        const auto error = co_await impl::Ready(socket_, asio::socket_base::wait_read);
        if (error) co_return;
        auto time = pause;
        // The reserves come first: without them the next one in need would wait behind everybody.
        if (!shortage.handler || keep_reserves()) {
            if (accept_some(shared)) continue;
            if (shortage.report) shortage.report();
        }
        if (shortage.handler) {
            accept_in_need(shortage);
            time = async::Wheel::tick;
        }
        if (!co_await async::sleep_until(shard_, shard_.wheel(), shard_.now() + time)) co_return;
    }
}

int Listener::accept_one(impl::RawAddress& peer) {
    return ::accept4(socket_.native_handle(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// False when something ran out.
bool Listener::accept_some(const std::shared_ptr<const Handler>& handler) {
    for (int i = 0; i < batch_max && socket_.is_open(); ++i) {
        impl::RawAddress peer;
        const auto descriptor = accept_one(peer);
        if (descriptor >= 0) {
            hand_over(DetachedStream(descriptor), peer_text(peer), handler);
        } else if (errno == EAGAIN) {
            return true;
        } else if (is_shortage(errno)) {
            return false;
        }
        // Else that one connection failed before it was taken.
    }
    return true;
}

// True when there are all of them.
bool Listener::keep_reserves() {
    while (reserves_.size() < reserves_max) {
        const auto descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return false;
        reserves_.push_back(descriptor);
    }
    return true;
}

// Accepts connections in the places of the reserves, which can be had back when they are closed.
void Listener::accept_in_need(const Shortage& shortage) {
    while (!reserves_.empty()) {
        ::close(reserves_.back());
        reserves_.pop_back();
        impl::RawAddress peer;
        const auto descriptor = accept_one(peer);
        if (descriptor < 0) return;
        DetachedStream stream(descriptor);
        shortage.handler(shard_, stream.take_socket(shard_.io()), peer_text(peer));
    }
}

void Listener::hand_over(
    DetachedStream stream, std::string peer, const std::shared_ptr<const Handler>& handler
) {
    auto& target = *targets_[next_];
    next_ = (next_ + 1) % targets_.size();
    if (&target == &shard_) {
        return (*handler)(target, stream.take_socket(target.io()), std::move(peer));
    }
    target.submit([&target, handler, stream = std::move(stream), peer = std::move(peer)]() mutable {
        (*handler)(target, stream.take_socket(target.io()), std::move(peer));
    });
}

void Listener::close() {
    for (const auto descriptor : std::exchange(reserves_, {}))
        ::close(descriptor);
    if (!socket_.is_open()) return;
    file_.remove();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace gw::net
