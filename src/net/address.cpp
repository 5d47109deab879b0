#include "net/impl/address.hpp"

#include "base/assert.hpp"

#include <cstring>
#include <netinet/in.h>
#include <sys/un.h>

namespace gw::net::impl {

namespace ip = boost::asio::ip;

RawAddress to_raw(const ip::address& address, std::uint16_t port) {
    RawAddress raw;
    if (address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(raw.storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
        raw.size = sizeof(v4);
        return raw;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(raw.storage);
    const auto bytes = address.to_v6().to_bytes();
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    v6.sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
    raw.size = sizeof(v6);
    return raw;
}

RawAddress to_raw(std::string_view path) {
    RawAddress raw;
    auto& local = reinterpret_cast<sockaddr_un&>(raw.storage);
    GW_ASSERT(path.size() < sizeof(local.sun_path));
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.data(), path.size());
    raw.size = sizeof(local);
    return raw;
}

ip::address to_address(const sockaddr& from) {
    if (from.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
        return ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return ip::address_v6(bytes, v6.sin6_scope_id);
}

std::uint16_t port_of(const RawAddress& raw) {
    // The port lies at the same place in both families.
    return ntohs(reinterpret_cast<const sockaddr_in&>(raw.storage).sin_port);
}

}  // namespace gw::net::impl
