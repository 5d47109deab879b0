#include "net/byte_stream.hpp"

#include "async/gate.hpp"
#include "base/assert.hpp"

#include <boost/asio/error.hpp>

#include <tuple>
#include <utility>

namespace gw::net {

namespace asio = boost::asio;
using boost::system::error_code;

Error to_error(error_code error) {
    if (error == asio::error::operation_aborted) {
        return {Errc::cancelled, "the request was withdrawn", {}, {}};
    }
    return {Errc::upstream_failed, "the connection broke", error.message(), {}};
}

void ByteStream::start_read(std::span<char> room) {
    GW_ASSERT(read_.state == ReadState::idle && !room.empty());
    read_.state = ReadState::pending;
    begin_read(room);
}

bool ByteStream::is_half_closed() const {
    const bool is_end = !read_.error || read_.error == asio::error::eof;
    return has_read_end() && is_end && can_half_close();
}

void ByteStream::start_reset_watch() {
    GW_ASSERT(has_read_end() && read_.waiter == nullptr);
    read_ = {.state = ReadState::pending, .bytes = 0, .error = {}, .waiter = nullptr};
    begin_reset_watch();
}

void ByteStream::read_ended(error_code error, std::size_t bytes) {
    read_.state = ReadState::done;
    read_.error = error;
    read_.bytes = bytes;
    if (auto* waiter = std::exchange(read_.waiter, nullptr)) {
        waiter->resume();
    } else if (observer_ != nullptr) {
        observer_->read_has_ended();
    }
}

void ByteStream::Reading::start() {
    GW_ASSERT(stream_.read_.state == ReadState::pending && stream_.read_.waiter == nullptr);
    stream_.read_.waiter = this;
}

Result<std::size_t> ByteStream::Reading::await_resume() {
    if (is_refused_) return std::unexpected(to_error(asio::error::operation_aborted));
    auto& read = stream_.read_;
    read.state = ReadState::idle;
    if (!read.error) return read.bytes;
    if (read.error == asio::error::eof) return 0;
    return std::unexpected(stream_.failure_of(read.error));
}

Error ByteStream::failure_of(error_code error) {
    return to_error(error);
}

Task<Result<void>> ByteStream::write_rest(std::span<std::string_view> parts) {
    for (;;) {
        GW_CO_TRY(const bool is_done, write_now(parts));
        if (is_done) co_return Result<void>();
        GW_CO_DO(co_await wait_writable());
    }
}

Task<> ByteStream::finish() {
    close();
    if (!is_reading()) co_return;
    const async::Shield shield(co_await this_fiber());
    std::ignore = co_await finish_read();
}

}  // namespace gw::net
