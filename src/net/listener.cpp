#include "net/listener.hpp"

#include "async/sleep.hpp"
#include "base/assert.hpp"
#include "net/impl/address.hpp"
#include "net/impl/ready.hpp"

#include <cerrno>
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
    const auto address = impl::to_address(*peer.get());
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

}  // namespace

Listener::Listener(Shard& shard, Socket socket, Endpoint endpoint, std::vector<Shard*> targets)
    : shard_(shard),
      socket_(std::move(socket)),
      endpoint_(std::move(endpoint)),
      targets_(std::move(targets)) {
    GW_ASSERT(!targets_.empty());
}

Listener::~Listener() {
    close();
}

Task<> Listener::accept_loop(Handler handler) {
    // Connections on their way to another shard share it.
    const auto shared = std::make_shared<const Handler>(std::move(handler));
    while (socket_.is_open()) {
        const auto error = co_await impl::Ready(socket_, asio::socket_base::wait_read);
        if (error) co_return;
        if (accept_some(shared)) continue;
        const auto until = shard_.now() + pause;
        if (!co_await async::sleep_until(shard_, shard_.wheel(), until)) co_return;
    }
}

// False when something ran out.
bool Listener::accept_some(const std::shared_ptr<const Handler>& handler) {
    for (int i = 0; i < batch_max && socket_.is_open(); ++i) {
        impl::RawAddress peer;
        const auto descriptor = ::accept4(
            socket_.native_handle(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC
        );
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
    if (!socket_.is_open()) return;
    if (endpoint_.is_unix()) ::unlink(endpoint_.path.c_str());
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace gw::net
