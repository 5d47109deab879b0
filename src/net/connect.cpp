#include "net/connect.hpp"

#include "async/deadline.hpp"
#include "net/impl/address.hpp"
#include "net/impl/ready.hpp"
#include "net/impl/tunnel.hpp"
#include "net/listen_address.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace gw::net {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

namespace {

constexpr std::chrono::seconds attempt_max{3};  // When there are more addresses to try.

constexpr std::string_view failure_text = "cannot connect to upstream";

std::unexpected<Error> cannot_connect(std::string detail) {
    return fail(Errc::upstream_failed, std::string(failure_text), std::move(detail));
}

std::unexpected<Error> refused(int error) {
    return cannot_connect(std::generic_category().message(error));
}

void set_options(int descriptor) {
    const int on = 1;
    const int idle_seconds = 60;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof(idle_seconds));
}

// A socket whose connection has begun.
Result<Socket> begin(Shard& shard, const impl::RawAddress& to) {
    const auto descriptor =
        ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return refused(errno);
    DetachedStream owner(descriptor);
    set_options(descriptor);
    if (::connect(descriptor, to.get(), to.size) != 0 && errno != EINPROGRESS) {
        return refused(errno);
    }
    return owner.take_socket(shard.io());
}

// What came of the connection: 0, EINPROGRESS or an error.
int progress(Socket& socket) {
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return error;
    impl::RawAddress peer;
    const bool is_connected = ::getpeername(socket.native_handle(), peer.get(), &peer.size) == 0;
    return is_connected ? 0 : EINPROGRESS;
}

Task<Result<Socket>> connect_one(Shard& shard, impl::RawAddress address) {
    GW_CO_TRY(auto socket, begin(shard, address));
    for (;;) {
        const auto error = co_await impl::Ready(socket, asio::socket_base::wait_write);
        if (error) co_return std::unexpected(to_error(error));
        const auto state = progress(socket);
        if (state == 0) co_return std::move(socket);
        if (state != EINPROGRESS) co_return refused(state);
    }
}

// Until when one address may be tried, so that one that swallows packets leaves time for the rest.
TimePoint attempt_end(TimePoint now, TimePoint when, std::size_t addresses_left) {
    if (addresses_left == 1) return TimePoint::max();  // The whole deadline bounds the last one.
    const auto share = (when - now) / static_cast<TimePoint::rep>(addresses_left);
    return now + std::min<TimePoint::duration>(share, attempt_max);
}

Task<Result<Socket>> connect_any(
    Shard& shard, const Addresses& addresses, std::uint16_t port, TimePoint when
) {
    std::string detail;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto end = attempt_end(shard.now(), when, addresses.size() - i);
        const async::Deadline attempt(shard.wheel(), end, co_await this_fiber());
        auto socket = co_await connect_one(shard, impl::to_raw(addresses[i], port));
        if (socket) co_return socket;
        const bool is_stopped = socket.error().kind == Errc::cancelled;
        if (is_stopped && !attempt.has_expired()) co_return socket;
        detail += (detail.empty() ? "" : "; ") + to_authority(addresses[i].to_string(), port) +
                  ": " + (is_stopped ? "no answer" : socket.error().detail);
    }
    co_return cannot_connect(std::move(detail));
}

// What has to be said on a new connection before it leads to the destination.
Task<Result<void>> prepare(Stream& stream, const Destination& to) {
    if (to.proxy) {
        const auto authority = to_authority(to.host, to.port);
        auto tunnel = co_await impl::open_tunnel(stream, authority, to.proxy->credentials);
        if (!tunnel) co_return tunnel;
    }
    if (to.tls != nullptr) stream.start_tls(to.tls->new_connection(to.host));
    co_return co_await stream.handshake();
}

}  // namespace

bool is_denied(const Destination& to, Stream& stream) {
    if (!to.denied) return false;
    if (to.denied->contains(to.host)) return true;
    impl::RawAddress peer;
    const bool has_peer =
        !to.proxy && ::getpeername(stream.socket().native_handle(), peer.get(), &peer.size) == 0;
    const auto family = peer.storage.ss_family;
    if (!has_peer || (family != AF_INET && family != AF_INET6)) return false;
    return to.denied->contains(impl::to_address(*peer.get()));
}

Task<Result<std::unique_ptr<Stream>>> Connector::connect(
    Shard& shard, const Destination& to, TimePoint when
) {
    const async::Deadline deadline(shard.wheel(), when, co_await this_fiber());
    auto stream = co_await open(shard, to, when);
    if (stream) co_return stream;
    const auto& error = stream.error();
    if (error.kind == Errc::cancelled) co_return deadline.stopped("the upstream");
    if (error.kind != Errc::upstream_failed || error.text == failure_text) co_return stream;
    // Which step of it failed is not for the client.
    co_return cannot_connect(error.text + (error.detail.empty() ? "" : ": ") + error.detail);
}

Task<Result<Socket>> Connector::connect_host(Shard& shard, const Destination& to, TimePoint when) {
    if (!is_host(to.host)) co_return cannot_connect("not a host name");
    GW_CO_TRY(const auto found, co_await addresses(shard, to));
    const auto port = to.proxy ? to.proxy->port : to.port;
    co_return co_await connect_any(shard, found, port, when);
}

Task<Result<std::unique_ptr<Stream>>> Connector::open(
    Shard& shard, const Destination& to, TimePoint when
) {
    auto socket = to.path.empty() ? co_await connect_host(shard, to, when)
                                  : co_await connect_one(shard, impl::to_raw(to.path));
    if (!socket) co_return std::unexpected(std::move(socket).error());
    auto stream = std::make_unique<Stream>(*std::move(socket));
    const auto prepared = co_await prepare(*stream, to);
    if (prepared) co_return std::move(stream);
    co_await stream->finish();
    co_return std::unexpected(prepared.error());
}

Task<Result<Addresses>> Connector::addresses(Shard& shard, const Destination& to) {
    const bool is_denied = to.denied && to.denied->contains(to.host);
    if (is_denied)
        co_return cannot_connect("its address is in a network of egress.denied_networks");
    if (to.proxy) co_return co_await resolver_.resolve(shard, to.proxy->host);
    GW_CO_TRY(auto found, co_await resolver_.resolve(shard, to.host));
    std::erase_if(found, [&to](const ip::address& address) {
        return to.denied && to.denied->contains(address);
    });
    if (found.empty())
        co_return cannot_connect("its address is in a network of egress.denied_networks");
    co_return found;
}

}  // namespace gw::net
