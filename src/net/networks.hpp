#pragma once

#include "base/error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw::net {

// An IPv4-mapped IPv6 address (::ffff:a.b.c.d) as the IPv4 one; any other as it is.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

// A set of IP networks.
class Networks {
public:
    // Each in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3), such as 169.254.0.0/16 or fe80::/10, or
    // one address. Errc::invalid_params with the first text that is neither.
    static Result<Networks> parse(const std::vector<std::string>& texts);

    // Whether parse() takes this text.
    static bool is_network(std::string_view text);

    bool is_empty() const { return networks_.empty(); }

    // Whether the address itself is in one of them, unmapped. For lists of who is trusted: anybody
    // may have an IPv6 address that carries an IPv4 one of somebody else.
    bool has_exactly(const boost::asio::ip::address& address) const {
        return has(unmapped(address));
    }

    // For lists of what must not be reached: more is in them than one would think.
    //
    // An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4, Teredo and the like) is in the
    // networks of both. The unspecified address (0.0.0.0, ::) is this machine: connecting to it
    // leads to 127.0.0.1 or ::1.
    bool contains(const boost::asio::ip::address& address) const;

    // The same of a host as a URL names it, without brackets, in any way to write an address; false
    // for what is none.
    bool contains(std::string_view host) const;

private:
    using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;

    static Result<Network> parse_one(std::string_view text);

    bool reaches(const boost::asio::ip::address& address) const;
    bool has(const boost::asio::ip::address& address) const;

    std::vector<Network> networks_;
};

}  // namespace gw::net
