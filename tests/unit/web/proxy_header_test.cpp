#include "web/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

using namespace std::string_literals;

// What a header says, read as a connection reads it: never more than is known to belong to it.
std::string read(std::string_view text) {
    std::size_t has = 0;
    for (;;) {
        const auto header = web::parse_proxy_header(text.substr(0, has));
        if (!header) return to_string(header.error());
        if (header->is_whole(text.substr(0, has))) {
            const auto source = header->source ? header->source->to_string() : "nobody";
            return source + " + " + std::to_string(text.size() - has);
        }
        if (header->size > text.size()) return "wants " + std::to_string(header->size);
        has = header->size;
    }
}

std::string line(std::string_view rest) {
    return read("PROXY " + std::string(rest) + "\r\nGET /");
}

// Version 2: the 13th and 14th byte, and what follows the length.
std::string binary(unsigned char command, unsigned char family, std::string_view rest) {
    std::string text = "\r\n\r\n\0\r\nQUIT\n"s;
    for (const std::size_t byte :
         {std::size_t{command}, std::size_t{family}, rest.size() >> 8U, rest.size() & 0xffU})
        text += static_cast<char>(byte);
    return text.append(rest);
}

const std::string ipv4 = "\xcb\x00\x71\x07\x0a\x00\x00\x01\x12\x67\x01\xbb"s;
const std::string ipv6 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s + std::string(20, '\0');

TEST(ProxyHeader, a_line_says_who_connected) {
    EXPECT_EQ(line("TCP4 203.0.113.7 10.0.0.1 4711 443"), "203.0.113.7 + 5");
    EXPECT_EQ(line("TCP4 255.255.255.255 255.255.255.255 65535 65535"), "255.255.255.255 + 5");
    EXPECT_EQ(line("TCP6 2001:DB8::1 ::1 0 65535"), "2001:db8::1 + 5");
    EXPECT_EQ(line("TCP6 ::ffff:203.0.113.7 ::1 1 2"), "203.0.113.7 + 5");
}

TEST(ProxyHeader, a_line_may_say_nothing) {
    EXPECT_EQ(line("UNKNOWN"), "nobody + 5");
    EXPECT_EQ(line("UNKNOWN \"any thing\" 1"), "nobody + 5");
    EXPECT_EQ(line("UNKNOWN " + std::string(91, 'f')), "nobody + 5");
}

TEST(ProxyHeader, a_line_of_another_form_is_refused) {
    for (const auto* rest :
         {"TCP4",
          "TCP4 203.0.113.7 10.0.0.1 4711",
          "TCP4 203.0.113.7 10.0.0.1 4711 443 1",
          "TCP4 203.0.113.7  10.0.0.1 4711 443",
          "TCP4 203.0.113.7 10.0.0.1 4711 443 ",
          "TCP4 203.0.113.07 10.0.0.1 4711 443",
          "TCP4 203.0.113 10.0.0.1 4711 443",
          "TCP4 ::1 ::1 4711 443",
          "TCP6 203.0.113.7 10.0.0.1 4711 443",
          "TCP6 fe80::1%lo ::1 4711 443",
          "TCP4 203.0.113.7 10.0.0.1 04711 443",
          "TCP4 203.0.113.7 10.0.0.1 65536 443",
          "TCP4 203.0.113.7 10.0.0.1 -1 443",
          "TCP4 203.0.113.7 10.0.0.1 4711 x",
          "UDP4 203.0.113.7 10.0.0.1 4711 443",
          "tcp4 203.0.113.7 10.0.0.1 4711 443",
          "UNKNOWNS",
          "TCP4 203.0.113.7 10.0.0.1 4711 443\r",
          "TCP4 203.0.113.7\n10.0.0.1 4711 443"}) {
        EXPECT_TRUE(line(rest).starts_with("malformed: malformed PROXY header")) << rest;
    }
    EXPECT_TRUE(line("UNKNOWN " + std::string(92, 'f')).starts_with("malformed"));
}

TEST(ProxyHeader, a_binary_one_says_who_connected) {
    EXPECT_EQ(read(binary(0x21, 0x11, ipv4) + "GET /"), "203.0.113.7 + 5");
    EXPECT_EQ(read(binary(0x21, 0x21, ipv6)), "2001:db8::1 + 0");
    // With more that the proxy has to say.
    EXPECT_EQ(read(binary(0x21, 0x11, ipv4 + "\x05\x00\x02id"s) + "GET /"), "203.0.113.7 + 5");
    EXPECT_EQ(read(binary(0x21, 0x11, ipv4 + std::string(508, '\0'))), "203.0.113.7 + 0");
}

TEST(ProxyHeader, a_binary_one_may_say_nothing) {
    EXPECT_EQ(read(binary(0x20, 0x00, "") + "GET /"), "nobody + 5");
    EXPECT_EQ(read(binary(0x20, 0x11, ipv4)), "nobody + 0");
    EXPECT_EQ(read(binary(0x20, 0xff, "x")), "nobody + 0");
    EXPECT_EQ(read(binary(0x21, 0x00, "")), "nobody + 0");
    EXPECT_EQ(read(binary(0x21, 0x12, ipv4)), "nobody + 0");
    EXPECT_EQ(read(binary(0x21, 0x31, std::string(216, 'u'))), "nobody + 0");
}

TEST(ProxyHeader, a_binary_one_of_another_form_is_refused) {
    for (const auto& text :
         {binary(0x11, 0x11, ipv4),
          binary(0x31, 0x11, ipv4),
          binary(0x22, 0x11, ipv4),
          binary(0x21, 0x41, ipv4),
          binary(0x21, 0x13, ipv4),
          binary(0x21, 0x11, ipv4.substr(1)),
          binary(0x21, 0x21, ipv6.substr(1)),
          binary(0x21, 0x31, std::string(215, 'u')),
          binary(0x21, 0x11, ipv4 + std::string(509, '\0'))}) {
        EXPECT_TRUE(read(text).starts_with("malformed: malformed PROXY header")) << text;
    }
}

TEST(ProxyHeader, what_has_not_come_is_waited_for) {
    EXPECT_EQ(read(""), "wants 15");
    EXPECT_EQ(read("PROXY TCP4 203."), "wants 17");
    EXPECT_EQ(read("PROXY UNKNOWN\r"), "wants 15");
    EXPECT_EQ(read(binary(0x21, 0x11, ipv4).substr(0, 15)), "wants 16");
    EXPECT_EQ(read(binary(0x21, 0x11, ipv4).substr(0, 27)), "wants 28");
}

TEST(ProxyHeader, what_is_none_is_refused_by_its_first_bytes) {
    for (const auto* text :
         {"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02 a TLS record", "PROXIES are many"}) {
        EXPECT_EQ(read(text), "malformed: malformed PROXY header: there is none") << text;
    }
}

TEST(ProxyHeader, is_known_where_a_request_was_expected) {
    EXPECT_TRUE(web::is_proxy_header("PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n"));
    EXPECT_TRUE(web::is_proxy_header(binary(0x21, 0x11, ipv4)));
    EXPECT_FALSE(web::is_proxy_header("PROXY / HTTP/1.1\r\n"));
    EXPECT_FALSE(web::is_proxy_header("\r\n\r\n"));
}

}  // namespace
}  // namespace gw::test
