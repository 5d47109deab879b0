#pragma once

#include "net/byte_stream.hpp"
#include "net/detached_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/socket_base.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gw::net {

class Tls;

// A byte stream over TCP or a Unix socket, with TLS on it or not.
class Stream final : public ByteStream {
public:
    using Socket = net::Socket;

    explicit Stream(Socket socket);

    // `tls` may be null. It is new, and then handshake() comes first.
    Stream(Socket socket, std::unique_ptr<Tls> tls);

    // Goes on with a connection that another shard detached. `io` is that of the new shard.
    Stream(boost::asio::io_context& io, DetachedStream from);

    ~Stream() override;

    // Puts TLS on a connection that has spoken plainly so far, as behind a proxy.
    void start_tls(std::unique_ptr<Tls> tls);

    bool is_tls() const { return tls_ != nullptr; }

    Task<Result<void>> handshake() override;
    Result<bool> write_now(std::span<std::string_view> parts) override;
    Task<Result<void>> wait_writable() override;

    // Waits until the stream can be read or has ended, without a buffer: for streams on which the
    // other side says nothing. No read may be pending.
    Task<Result<void>> wait_readable();

    void end_writing() override;
    void cancel() override;
    void close() override;
    DetachedStream detach() override;

    bool is_open() const override { return socket_.is_open(); }

    bool has_other_end_closed() const override;

    // TLS has no half of a connection: many libraries end it as a whole at its first end.
    bool can_half_close() const override { return !tls_; }

    bool is_quiet() override;

    Socket& socket() { return socket_; }

private:
    void begin_read(std::span<char> room) override;
    void begin_reset_watch() override;
    Error failure_of(boost::system::error_code error) override;
    void decrypt();
    void decrypt_when(boost::asio::socket_base::wait_type ready);
    Result<bool> write_encrypted(std::span<std::string_view> parts);
    bool has_arrived();

    Socket socket_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace gw::net
