#include "net/impl/address.hpp"
#include "net/listener.hpp"
#include "net/resolver.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gw::net {

namespace ip = boost::asio::ip;

namespace {

using Listeners = std::vector<std::unique_ptr<Listener>>;

enum class Sharing { alone, shared };  // Of a port, among sockets of this process.

std::unexpected<Error> cannot_listen(const ListenAddress& where, int error) {
    if (error == EADDRINUSE) {
        return fail(Errc::unavailable, "the address " + to_string(where) + " is in use");
    }
    const auto reason = std::generic_category().message(error);
    return fail(Errc::unavailable, "cannot listen on " + to_string(where) + ": " + reason);
}

// A socket that is closed when nobody takes it; for a moment it is one that only listens.
Result<DetachedStream> open_tcp(
    const impl::RawAddress& address, const ListenAddress& where, Sharing sharing
) {
    const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const auto descriptor = ::socket(address.storage.ss_family, type, 0);
    if (descriptor < 0) return cannot_listen(where, errno);
    DetachedStream owner(descriptor);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (sharing == Sharing::shared) {
        ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    // Accepted sockets inherit it, which saves a system call for each connection.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::bind(descriptor, address.get(), address.size) != 0) return cannot_listen(where, errno);
    return owner;
}

Result<Socket> start(Shard& shard, DetachedStream from, const ListenAddress& where) {
    auto socket = from.take_socket(shard.io());
    if (::listen(socket.native_handle(), SOMAXCONN) != 0) return cannot_listen(where, errno);
    return socket;
}

Result<ip::address> bind_address(const ListenAddress& where) {
    boost::system::error_code is_name;
    auto numeric = ip::make_address(where.host, is_name);
    if (!is_name) return numeric;
    auto found = look_up(where.host);
    if (!found) {
        return fail(
            Errc::unavailable, "cannot listen on " + to_string(where) + ": " + found.error().detail
        );
    }
    // "localhost" often is ::1 first, where clients do not look.
    const auto v4 =
        std::ranges::find_if(*found, [](const auto& address) { return address.is_v4(); });
    return v4 == found->end() ? found->front() : *v4;
}

// Another program of the same user could share the port with us and nobody would notice, so the
// port must be free for a socket that does not share it.
Result<void> check_free(const impl::RawAddress& address, const ListenAddress& where) {
    if (where.port == 0) return {};
    const auto probe = open_tcp(address, where, Sharing::alone);
    if (!probe) return std::unexpected(probe.error());
    return {};
}

Result<Listeners> listen_tcp(std::span<Shard* const> shards, ListenAddress where) {
    GW_TRY(const auto address, bind_address(where));
    if (const auto is_free = check_free(impl::to_raw(address, where.port), where); !is_free) {
        return std::unexpected(is_free.error());
    }
    Listeners listeners;
    for (auto* shard : shards) {
        const auto sharing = shards.size() == 1 ? Sharing::alone : Sharing::shared;
        GW_TRY(auto owner, open_tcp(impl::to_raw(address, where.port), where, sharing));
        GW_TRY(auto socket, start(*shard, std::move(owner), where));
        impl::RawAddress bound;
        ::getsockname(socket.native_handle(), bound.get(), &bound.size);
        where.port = impl::port_of(bound);
        listeners.push_back(
            std::make_unique<Listener>(*shard, std::move(socket), where, std::vector{shard})
        );
    }
    return listeners;
}

int new_unix_socket() {
    return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// When the path is taken: by a socket in use, or by a file that is not ours to remove.
std::unexpected<Error> cannot_bind(const ListenAddress& where, int error) {
    struct stat status{};
    const bool is_taken = error == EADDRINUSE && ::lstat(where.path.c_str(), &status) == 0;
    if (!is_taken || S_ISSOCK(status.st_mode)) return cannot_listen(where, error);
    return fail(
        Errc::unavailable,
        "cannot listen on " + to_string(where) + ": there is " +
            (S_ISDIR(status.st_mode) ? "a folder" : "a file that is no socket") + " at that path"
    );
}

// Removes the file of a socket on which nobody listens; everything else stays.
void remove_stale(const impl::RawAddress& address, const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    const auto descriptor = new_unix_socket();
    const DetachedStream probe(descriptor);
    const bool is_stale =
        ::connect(descriptor, address.get(), address.size) != 0 && errno == ECONNREFUSED;
    if (is_stale) ::unlink(path.c_str());
}

Result<Listeners> listen_unix(std::span<Shard* const> shards, const ListenAddress& where) {
    const auto address = impl::to_raw(where.path);
    remove_stale(address, where.path);
    const auto descriptor = new_unix_socket();
    if (descriptor < 0) return cannot_listen(where, errno);
    DetachedStream owner(descriptor);
    ::fchmod(descriptor, S_IRUSR | S_IWUSR);  // Linux makes the file with the mode of the socket.
    if (::bind(descriptor, address.get(), address.size) != 0) return cannot_bind(where, errno);
    GW_TRY(auto socket, start(*shards.front(), std::move(owner), where));
    Listeners listeners;
    listeners.push_back(std::make_unique<Listener>(
        *shards.front(), std::move(socket), where, std::vector(shards.begin(), shards.end())
    ));
    return listeners;
}

}  // namespace

Result<Listeners> listen(std::span<Shard* const> shards, const ListenAddress& where) {
    return where.is_unix() ? listen_unix(shards, where) : listen_tcp(shards, where);
}

}  // namespace gw::net
