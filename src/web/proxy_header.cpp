#include "web/proxy_header.hpp"

#include "net/networks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace gw::web {

namespace ip = boost::asio::ip;

namespace {

using namespace std::string_view_literals;

constexpr auto line_begin = "PROXY "sv;
constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;

constexpr std::size_t line_bytes_min = "PROXY UNKNOWN\r\n"sv.size();
constexpr std::size_t line_bytes_max = 107;
constexpr std::size_t fixed_bytes = 16;

std::unexpected<Error> malformed(std::string why) {
    return fail(Errc::malformed, "malformed PROXY header: " + std::move(why));
}

// Whether one of them begins with the other.
bool agree(std::string_view text, std::string_view beginning) {
    const auto size = std::min(text.size(), beginning.size());
    return text.substr(0, size) == beginning.substr(0, size);
}

std::string_view take_word(std::string_view& line) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    return is_number && (text.size() == 1 || text.front() != '0');
}

std::optional<ip::address> address_of(std::string_view text, bool is_ipv6) {
    boost::system::error_code is_other;
    auto address = ip::make_address(text, is_other);
    if (is_other || address.is_v6() != is_ipv6 || text.contains('%')) return {};
    return address;
}

// 2.1: "TCP4" / "TCP6", source and destination address, source and destination port.
Result<ProxyHeader> parse_line(std::string_view line, std::size_t size) {
    const auto words = line;
    const auto family = take_word(line);
    if (family == "UNKNOWN") return ProxyHeader{.size = size, .source = {}};
    if (family != "TCP4" && family != "TCP6") return malformed("no known family");
    if (std::ranges::count(words, ' ') != 4) return malformed("not four words after the family");
    const bool is_ipv6 = family == "TCP6";
    const auto source = address_of(take_word(line), is_ipv6);
    const auto destination = address_of(take_word(line), is_ipv6);
    const bool has_ports = is_port(take_word(line)) && is_port(line);
    if (!source || !destination || !has_ports) return malformed("no address or no port");
    return ProxyHeader{.size = size, .source = net::unmapped(*source)};
}

// 2.1: one line of ASCII that ends in CRLF, which nothing else in it resembles.
Result<ProxyHeader> parse_version_1(std::string_view text) {
    const auto begun = text.substr(0, line_bytes_max);
    const auto end = begun.find_first_of("\r\n");
    if (end != std::string_view::npos && end + 1 < begun.size()) {
        if (begun.substr(end, 2) != "\r\n") return malformed("a bare CR or LF");
        return parse_line(begun.substr(line_begin.size(), end - line_begin.size()), end + 2);
    }
    if (end != std::string_view::npos && begun[end] == '\n') return malformed("a bare LF");
    const auto missing = end == std::string_view::npos ? 2U : 1U;
    const auto size = std::max(line_bytes_min, begun.size() + missing);
    if (size > line_bytes_max) return malformed("a line of more than 107 bytes");
    return ProxyHeader{.size = size, .source = {}};
}

template <typename Address>
ip::address read_address(std::string_view bytes) {
    typename Address::bytes_type raw;
    std::ranges::copy(bytes.substr(0, raw.size()), raw.begin());
    return net::unmapped(Address(raw));
}

// 2.2: version and command, family and protocol, the length of what follows: addresses, ports, and
// whatever else the proxy has to say.
Result<ProxyHeader> parse_version_2(std::string_view text) {
    if (text.size() < fixed_bytes) return ProxyHeader{.size = fixed_bytes, .source = {}};
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto version = byte(12) >> 4U;
    const auto command = byte(12) & 0xfU;
    const std::size_t family = byte(13) >> 4U;
    const auto protocol = byte(13) & 0xfU;
    const std::size_t length = (std::size_t{byte(14)} << 8U) + byte(15);
    if (version != 2) return malformed("not version 2");
    if (command > 1) return malformed("no known command");
    ProxyHeader header{.size = fixed_bytes + length, .source = {}};
    if (header.size > proxy_header_bytes_max) return malformed("more than 536 bytes");
    const bool is_local = command == 0;
    if (is_local) return header;
    if (family > 3 || protocol > 2) return malformed("no known family or protocol");
    constexpr std::array<std::size_t, 4> length_min{0, 12, 36, 216};
    if (length < length_min.at(family)) return malformed("too short for its family");
    const bool is_tcp = protocol == 1 && (family == 1 || family == 2);
    if (!is_tcp || !header.is_whole(text)) return header;
    const auto addresses = text.substr(fixed_bytes);
    return ProxyHeader{
        .size = header.size,
        .source = family == 1 ? read_address<ip::address_v4>(addresses)
                              : read_address<ip::address_v6>(addresses)
    };
}

}  // namespace

Result<ProxyHeader> parse_proxy_header(std::string_view text) {
    if (text.empty()) return ProxyHeader{.size = line_bytes_min, .source = {}};
    if (agree(text, signature)) return parse_version_2(text);
    if (agree(text, line_begin)) return parse_version_1(text);
    return malformed("there is none");
}

bool is_proxy_header(std::string_view text) {
    if (text.starts_with(signature)) return true;
    return std::ranges::any_of(
        std::array{"PROXY TCP4 "sv, "PROXY TCP6 "sv, "PROXY UNKNOWN"sv},
        [&](auto begin) { return text.starts_with(begin); }
    );
}

}  // namespace gw::web
