#include "net/detached_stream.hpp"

#include "net/tls.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gw::net {

DetachedStream::DetachedStream(int descriptor) : descriptor_(descriptor) {}

DetachedStream::DetachedStream(int descriptor, std::unique_ptr<Tls> tls)
    : descriptor_(descriptor), tls_(std::move(tls)) {}

DetachedStream::DetachedStream(DetachedStream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), tls_(std::move(other.tls_)) {}

DetachedStream& DetachedStream::operator=(DetachedStream&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(tls_, other.tls_);
    return *this;
}

DetachedStream::~DetachedStream() {
    if (descriptor_ < 0) return;
    if (tls_) tls_->close();
    ::close(descriptor_);
}

Socket DetachedStream::take_socket(boost::asio::io_context& io) {
    Socket socket(io);
    int family = AF_UNSPEC;
    socklen_t size = sizeof(family);
    ::getsockopt(descriptor_, SOL_SOCKET, SO_DOMAIN, &family, &size);
    boost::system::error_code failed;
    socket.assign(boost::asio::generic::stream_protocol(family, 0), descriptor_, failed);
    if (!failed) descriptor_ = -1;  // Else it is closed here, and the socket is a closed one.
    return socket;
}

std::unique_ptr<Tls> DetachedStream::take_tls() {
    return std::move(tls_);
}

}  // namespace gw::net
