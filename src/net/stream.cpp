#include "net/stream.hpp"

#include "async/gate.hpp"
#include "base/assert.hpp"
#include "net/impl/ready.hpp"
#include "net/tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <tuple>
#include <utility>

namespace gw::net {

namespace asio = boost::asio;
using boost::system::error_code;
using impl::Ready;

namespace {

constexpr std::size_t parts_max = 8;  // Of one write; messages have at most seven.

void drop(std::span<std::string_view> parts, std::size_t count) {
    for (auto& part : parts) {
        const auto taken = std::min(part.size(), count);
        part.remove_prefix(taken);
        count -= taken;
    }
}

ssize_t send_all(int descriptor, std::span<iovec> vectors) {
    if (vectors.size() == 1) {  // The kernel has less to copy and to check for it.
        return ::send(descriptor, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

using Record = std::array<char, Tls::record_bytes_max>;

// The bytes for the next TLS record. Small parts are joined in `room`, so that a message with a
// small head is one record. The same parts always give the same bytes.
std::string_view next_record(std::span<const std::string_view> parts, Record& room) {
    std::size_t size = 0;
    for (const auto part : parts) {
        if (size == 0 && part.size() >= room.size()) return part.substr(0, room.size());
        const auto taken = std::min(part.size(), room.size() - size);
        if (taken > 0) std::memcpy(room.data() + size, part.data(), taken);
        size += taken;
    }
    return {room.data(), size};
}

asio::socket_base::wait_type wait_for(Tls::Need need) {
    return need == Tls::Need::readable ? asio::socket_base::wait_read
                                       : asio::socket_base::wait_write;
}

}  // namespace

Stream::Stream(Socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
}

Stream::Stream(Socket socket, std::unique_ptr<Tls> tls) : Stream(std::move(socket)) {
    if (tls) start_tls(std::move(tls));
}

Stream::Stream(asio::io_context& io, DetachedStream from) : Stream(from.take_socket(io)) {
    tls_ = from.take_tls();
}

Stream::~Stream() {
    GW_ASSERT(!is_read_pending());
    if (tls_) close();
}

void Stream::start_tls(std::unique_ptr<Tls> tls) {
    GW_ASSERT(!tls_ && !is_reading());
    tls_ = std::move(tls);
    tls_->attach(socket_.native_handle());
}

Task<Result<void>> Stream::handshake() {
    while (tls_ && is_open()) {
        auto made = tls_->handshake();
        // Such a client can only be answered without TLS.
        if (!made && made.error().kind == Errc::malformed) tls_.reset();
        GW_CO_TRY(const auto step, std::move(made));
        if (step.need == Tls::Need::nothing) co_return Result<void>();
        const auto error = co_await Ready(socket_, wait_for(step.need));
        if (error) co_return std::unexpected(to_error(error));
    }
    if (!is_open()) co_return std::unexpected(to_error(asio::error::operation_aborted));
    co_return Result<void>();
}

void Stream::begin_read(std::span<char> room) {
    if (tls_ && tls_->has_begun()) {
        tls_->pending = {.room = room, .failure = {}, .is_cancelled = false};
        return tls_->has_buffered() ? decrypt() : decrypt_when(asio::socket_base::wait_read);
    }
    socket_.async_read_some(
        asio::buffer(room.data(), room.size()),
        [this](error_code error, std::size_t bytes) { read_ended(error, bytes); }
    );
}

void Stream::begin_reset_watch() {
    socket_.async_wait(asio::socket_base::wait_error, [this](error_code error) {
        read_ended(error ? error : error_code(asio::error::connection_reset), 0);
    });
}

// Tries to end the pending read of a TLS stream, or waits on. It stays inside the one suspension:
// whoever awaits the read is resumed when there is something for him.
void Stream::decrypt() {
    // The number of a closed descriptor may be another connection's by now.
    if (!is_open()) return read_ended(asio::error::operation_aborted, 0);
    auto& pending = tls_->pending;
    auto step = tls_->read(pending.room);
    if (!step) {
        pending.failure = std::move(step).error();
        return read_ended(asio::error::connection_aborted, 0);
    }
    if (step->need != Tls::Need::nothing) return decrypt_when(wait_for(step->need));
    read_ended(step->bytes == 0 ? error_code(asio::error::eof) : error_code(), step->bytes);
}

void Stream::decrypt_when(asio::socket_base::wait_type ready) {
    socket_.async_wait(ready, [this](error_code error) {
        // A cancellation that met a wait which was already over must not be lost.
        if (!error && tls_->pending.is_cancelled) error = asio::error::operation_aborted;
        if (error) return read_ended(error, 0);
        decrypt();
    });
}

Error Stream::failure_of(error_code error) {
    auto failure = tls_ ? std::exchange(tls_->pending.failure, std::nullopt) : std::nullopt;
    return failure ? *std::move(failure) : to_error(error);
}

Result<bool> Stream::write_now(std::span<std::string_view> parts) {
    if (tls_) return write_encrypted(parts);
    std::array<iovec, parts_max> vectors;  // NOLINT: filled as far as it is used.
    GW_ASSERT(parts.size() <= parts_max);
    std::size_t count = 0;
    std::size_t size = 0;
    for (const auto part : parts) {
        if (part.empty()) continue;
        vectors[count++] = {const_cast<char*>(part.data()), part.size()};
        size += part.size();
    }
    if (size == 0) return true;
    const auto sent = send_all(socket_.native_handle(), std::span(vectors).first(count));
    if (sent < 0) {
        if (errno == EAGAIN || errno == EINTR) return false;
        return std::unexpected(to_error(error_code(errno, boost::system::system_category())));
    }
    if (static_cast<std::size_t>(sent) == size) return true;
    drop(parts, static_cast<std::size_t>(sent));
    return false;
}

Result<bool> Stream::write_encrypted(std::span<std::string_view> parts) {
    Record room;  // NOLINT: filled as far as it is used.
    for (;;) {
        const auto record = next_record(parts, room);
        if (record.empty()) return true;
        if (!is_open()) return std::unexpected(to_error(asio::error::operation_aborted));
        GW_TRY(const auto step, tls_->write(record));
        if (step.need != Tls::Need::nothing) return false;
        drop(parts, step.bytes);
    }
}

Task<Result<void>> Stream::wait_writable() {
    const auto error = co_await Ready(socket_, asio::socket_base::wait_write);
    if (error) co_return std::unexpected(to_error(error));
    co_return Result<void>();
}

Task<Result<void>> Stream::wait_readable() {
    GW_ASSERT(!is_reading());
    for (;;) {
        if (tls_ && has_arrived()) co_return Result<void>();
        const auto error = co_await Ready(socket_, asio::socket_base::wait_read);
        if (error) co_return std::unexpected(to_error(error));
        if (!tls_) co_return Result<void>();
    }
}

void Stream::cancel() {
    error_code ignored;
    if (tls_) tls_->pending.is_cancelled = true;
    socket_.cancel(ignored);
}

void Stream::end_writing() {
    error_code ignored;
    if (tls_ && is_open()) tls_->close();
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
    error_code ignored;
    if (tls_ && is_open()) {
        tls_->pending.is_cancelled = true;
        tls_->close();
    }
    socket_.close(ignored);
}

DetachedStream Stream::detach() {
    GW_ASSERT(!is_reading() && is_open());
    error_code failed;
    const auto descriptor = socket_.release(failed);
    GW_ASSERT(!failed);
    return {descriptor, std::move(tls_)};
}

bool Stream::has_other_end_closed() const {
    pollfd socket{const_cast<Socket&>(socket_).native_handle(), POLLRDHUP, 0};
    return ::poll(&socket, 1, 0) != 0;
}

// Whether a TLS stream has something to read. Records that are only for TLS itself, such as session
// tickets, are taken in and do not count.
bool Stream::has_arrived() {
    if (!is_open()) return true;
    const auto step = tls_->peek();
    return !step || step->need == Tls::Need::nothing;
}

bool Stream::is_quiet() {
    if (tls_ && !is_reading()) return !has_arrived();
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && errno == EAGAIN;
}

}  // namespace gw::net
