#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <utility>

namespace gw::net {

class Tls;

// The socket of a stream. Its executor is not type-erased: that would cost on every read.
using Socket = boost::asio::basic_stream_socket<
    boost::asio::generic::stream_protocol,
    boost::asio::io_context::executor_type>;

// A connection between two shards: it belongs to none, owns the descriptor and what TLS knows, and
// may be moved to any thread. Closes the connection if no shard takes it.
class DetachedStream {
public:
    // Becomes the owner of `descriptor`, a stream socket. `tls` may be null.
    explicit DetachedStream(int descriptor);
    DetachedStream(int descriptor, std::unique_ptr<Tls> tls);
    DetachedStream(DetachedStream&& other) noexcept;
    DetachedStream& operator=(DetachedStream&& other) noexcept;
    ~DetachedStream();

    // Gives the descriptor to a shard's event loop, without the TLS state.
    Socket take_socket(boost::asio::io_context& io);

    // The TLS state; null where there is none, and when it was taken before.
    std::unique_ptr<Tls> take_tls();

private:
    int descriptor_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace gw::net
