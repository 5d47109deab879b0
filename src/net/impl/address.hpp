#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace gw::net::impl {

// An address as the operating system takes it.
struct RawAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

RawAddress to_raw(const boost::asio::ip::address& address, std::uint16_t port);

// Of a Unix socket; `path` is shorter than sockaddr_un has room for.
RawAddress to_raw(std::string_view path);

// `from` must be of AF_INET or AF_INET6.
boost::asio::ip::address to_address(const sockaddr& from);

// The port of an address of AF_INET or AF_INET6.
std::uint16_t port_of(const RawAddress& raw);

}  // namespace gw::net::impl
