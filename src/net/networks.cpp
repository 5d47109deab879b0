#include "net/networks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace gw::net {

namespace ip = boost::asio::ip;

namespace {

// A form of IPv6 addresses that carries an IPv4 address, to which packets may be led.
struct Form {
    std::array<std::uint8_t, 12> prefix;
    std::size_t prefix_size;           // Bytes.
    std::array<std::size_t, 4> where;  // The bytes of the IPv4 address.
    std::uint8_t mask = 0;             // They are written with this.
    std::size_t prefix_at = 0;
    bool is_whole = true;  // No other form has the prefix, so that 0.0.0.0 is one as well.
};

constexpr std::array<std::size_t, 4> at_the_end{12, 13, 14, 15};

constexpr std::array forms{
    // RFC 4291, 2.5.5.1 and 2.5.5.2: compatible (::a.b.c.d) and mapped (::ffff:a.b.c.d).
    Form{{}, 12, at_the_end},
    Form{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, at_the_end},
    // RFC 2765, 2.1: translated (::ffff:0:a.b.c.d).
    Form{{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, at_the_end},
    // RFC 6052, 2.1, and RFC 8215: NAT64, where the prefix for local use may be a longer one (RFC
    // 6052, 2.2).
    Form{{0, 0x64, 0xff, 0x9b}, 12, at_the_end},
    Form{{0, 0x64, 0xff, 0x9b, 0, 1}, 6, at_the_end, 0, 0, false},
    Form{{0, 0x64, 0xff, 0x9b, 0, 1}, 6, {6, 7, 9, 10}, 0, 0, false},
    Form{{0, 0x64, 0xff, 0x9b, 0, 1}, 6, {7, 9, 10, 11}, 0, 0, false},
    Form{{0, 0x64, 0xff, 0x9b, 0, 1}, 6, {9, 10, 11, 12}, 0, 0, false},
    // RFC 3056, 2: 6to4.
    Form{{0x20, 0x02}, 2, {2, 3, 4, 5}},
    // RFC 4380, 4: Teredo, its server and its client.
    Form{{0x20, 0x01, 0, 0}, 4, {4, 5, 6, 7}},
    Form{{0x20, 0x01, 0, 0}, 4, at_the_end, 0xff},
    // RFC 5214, 6.1: ISATAP.
    Form{{0, 0, 0x5e, 0xfe}, 4, at_the_end, 0, 8},
    Form{{0x02, 0, 0x5e, 0xfe}, 4, at_the_end, 0, 8},
};

// The IPv4 address that `address` carries in this form; nothing when it is of another.
std::optional<ip::address_v4> carried(const Form& form, const ip::address_v6& address) {
    const auto bytes = address.to_bytes();
    const auto prefix = std::span(form.prefix).first(form.prefix_size);
    if (!std::ranges::equal(prefix, std::span(bytes).subspan(form.prefix_at, form.prefix_size))) {
        return {};
    }
    ip::address_v4::bytes_type v4;
    for (std::size_t i = 0; i < v4.size(); ++i)
        v4.at(i) = static_cast<std::uint8_t>(bytes.at(form.where.at(i)) ^ form.mask);
    const ip::address_v4 found(v4);
    if (found.is_unspecified() && !form.is_whole) return {};
    return std::optional(found);
}

bool is_in(const ip::network_v4& network, const ip::address& address) {
    if (!address.is_v4()) return false;
    const ip::network_v4 around(address.to_v4(), network.prefix_length());
    return around.canonical() == network.canonical();
}

bool is_in(const ip::network_v6& network, const ip::address& address) {
    if (!address.is_v6()) return false;
    // Without the scope, which says through which interface it is reached.
    const ip::network_v6 around(
        ip::address_v6(address.to_v6().to_bytes()), network.prefix_length()
    );
    return around.canonical() == network.canonical();
}

// A host as connecting to it takes it: also "0", "127.1" or "0x7f000001" is an address (POSIX,
// inet_addr). Nothing for a name.
std::optional<ip::address> to_address(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);  // As the root of names.
    boost::system::error_code is_other;
    const auto address = ip::make_address(host, is_other);
    if (!is_other) return std::optional(address);
    in_addr old{};
    if (::inet_aton(std::string(host).c_str(), &old) == 0) return {};
    return ip::address_v4(ntohl(old.s_addr));
}

}  // namespace

namespace {

// Networks of mapped addresses (::ffff:a.b.c.d) are those of IPv4 that they stand for.
std::variant<ip::network_v4, ip::network_v6> plain(const ip::network_v6& network) {
    constexpr unsigned short mapped = 96;
    const auto address = network.address();
    const auto length = network.prefix_length();
    if (!address.is_v4_mapped() || length < mapped) return network;
    return ip::network_v4(ip::make_address_v4(ip::v4_mapped, address), length - mapped);
}

}  // namespace

ip::address unmapped(const ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

Result<Networks::Network> Networks::parse_one(std::string_view text) {
    boost::system::error_code error;
    if (const auto address = ip::make_address(text, error); !error) {
        if (address.is_v4()) return ip::network_v4(address.to_v4(), 32);
        return plain(ip::network_v6(address.to_v6(), 128));
    }
    error.clear();
    const auto v4 = ip::make_network_v4(text, error);
    if (!error) return Network(v4);
    error.clear();
    const auto v6 = ip::make_network_v6(text, error);
    if (!error) return plain(v6);
    return fail(Errc::invalid_params, std::string(text));
}

Result<Networks> Networks::parse(const std::vector<std::string>& texts) {
    Networks all;
    for (const auto& text : texts) {
        GW_TRY(const auto network, parse_one(text));
        all.networks_.push_back(network);
    }
    return all;
}

bool Networks::is_network(std::string_view text) {
    return parse_one(text).has_value();
}

bool Networks::contains(const ip::address& address) const {
    if (reaches(address)) return true;
    if (!address.is_v6() || address.is_unspecified() || address.is_loopback()) return false;
    return std::ranges::any_of(forms, [&](const Form& form) {
        const auto v4 = carried(form, address.to_v6());
        return v4 && reaches(*v4);
    });
}

bool Networks::reaches(const ip::address& address) const {
    if (has(address)) return true;
    return address.is_unspecified() &&
           (has(ip::address_v4::loopback()) || has(ip::address_v6::loopback()));
}

bool Networks::has(const ip::address& address) const {
    return std::ranges::any_of(networks_, [&](const Network& network) {
        return std::visit([&](const auto& each) { return is_in(each, address); }, network);
    });
}

bool Networks::contains(std::string_view host) const {
    const auto address = to_address(host);
    return address && contains(*address);
}

}  // namespace gw::net
