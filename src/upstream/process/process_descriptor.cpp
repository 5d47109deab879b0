#include "upstream/process/process_descriptor.hpp"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace gw::upstream {

using boost::system::error_code;

namespace {

std::unexpected<Error> broken() {
    return fail(
        Errc::upstream_failed, "the upstream server's pipe broke", ::strerrordesc_np(errno)
    );
}

bool must_wait() {
    return errno == EAGAIN || errno == EINTR;
}

}  // namespace

Descriptor::Descriptor(boost::asio::io_context& io, int number) : descriptor_(io, number) {
    error_code ignored;
    descriptor_.non_blocking(true, ignored);
}

void Descriptor::Ready::start() {
    of_.descriptor_.async_wait(what_, [this](error_code error) {
        is_ready_ = !error;
        resume();
    });
}

Result<std::optional<std::size_t>> Descriptor::read_now(std::span<char> room) {
    const auto count = ::read(descriptor_.native_handle(), room.data(), room.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (must_wait()) return std::nullopt;
    return broken();
}

Result<std::size_t> Descriptor::write_now(std::string_view bytes) {
    const auto count = ::write(descriptor_.native_handle(), bytes.data(), bytes.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (must_wait()) return 0;
    return broken();
}

void Descriptor::cancel() {
    error_code ignored;
    descriptor_.cancel(ignored);
}

void Descriptor::close() {
    error_code ignored;
    descriptor_.close(ignored);
}

}  // namespace gw::upstream
