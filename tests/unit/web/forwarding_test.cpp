#include "web/forwarding.hpp"

#include "http/head.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

// 10.0.0.0/8 and fd00::/8 are trusted. 10.0.0.1 has sent a request with these header lines.
std::string client_of(std::string headers, std::string_view peer = "10.0.0.1") {
    const auto proxies = web::TrustedProxies::parse({"10.0.0.0/8", "fd00::/8", "unix"}).value();
    const std::string text = "GET / HTTP/1.1\r\nHost: gw\r\n" + std::move(headers) + "\r\n";
    http::Head head;
    const auto size = http::parse_request(text, {}, head);
    if (!size || *size == 0) return "no head";
    const auto forwarding = web::read_forwarding(head, text, proxies, peer);
    return forwarding ? forwarding->client : to_string(forwarding.error());
}

// By X-Forwarded-For.
std::string client_by(std::string_view list) {
    return client_of("X-Forwarded-For: " + std::string(list) + "\r\n");
}

// By Forwarded.
std::string client_told(std::string_view list) {
    return client_of("Forwarded: " + std::string(list) + "\r\n");
}

struct Row {
    const char* list;
    const char* client;
};

TEST(Forwarding, the_client_is_the_last_that_no_trusted_proxy_is) {
    constexpr std::array rows{
        Row{"203.0.113.7", "203.0.113.7"},
        Row{"203.0.113.7, 10.0.0.2", "203.0.113.7"},
        Row{"198.51.100.1, 203.0.113.7, 10.0.0.3, 10.0.0.2", "203.0.113.7"},
        Row{"10.0.0.9, 203.0.113.7", "203.0.113.7"},
        Row{"198.51.100.1, 203.0.113.7", "203.0.113.7"},
        Row{"2001:db8::1, fd00::2", "2001:db8::1"},
        // All of them are trusted: the first began it.
        Row{"10.0.0.3, 10.0.0.2", "10.0.0.3"},
        Row{"", "10.0.0.1"}
    };
    for (const auto& row : rows)
        EXPECT_EQ(client_by(row.list), row.client) << row.list;
}

TEST(Forwarding, addresses_are_written_in_one_way) {
    constexpr std::array rows{
        Row{"203.0.113.7:4711", "203.0.113.7"},
        Row{"[2001:db8::1]:443", "2001:db8::1"},
        Row{"[2001:db8::1]", "2001:db8::1"},
        Row{"2001:DB8:0:0::1", "2001:db8::1"},
        // A mapped address is the IPv4 address, trusted or not.
        Row{"::ffff:203.0.113.7", "203.0.113.7"},
        Row{"203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"},
        Row{"203.0.113.7, [::ffff:10.0.0.2]:80", "203.0.113.7"},
        // Others that carry one are themselves.
        Row{"203.0.113.7, 2002:a00:2::1", "2002:a00:2::1"}
    };
    for (const auto& row : rows)
        EXPECT_EQ(client_by(row.list), row.client) << row.list;
}

TEST(Forwarding, what_cannot_be_read_hides_what_is_before_it) {
    for (const std::string hidden :
         {"unknown",
          "_secret",
          "evil.example",
          "10.0.0",
          "010.0.0.2",
          "0x0a000002",
          "10.0.0.2.",
          "10.0.0.2:http",
          "[10.0.0.2",
          "fe80::1%eth0",
          "\"10.0.0.2\"",
          "10.0.0.2 10.0.0.3"}) {
        EXPECT_EQ(client_by("203.0.113.7, " + hidden), "10.0.0.1") << hidden;
        EXPECT_EQ(client_by("203.0.113.7, " + hidden + ", 10.0.0.2"), "10.0.0.2") << hidden;
    }
}

TEST(Forwarding, several_headers_are_one_list) {
    EXPECT_EQ(
        client_of("X-Forwarded-For: 203.0.113.7\r\nX-Other: 1\r\nx-forwarded-for: 10.0.0.2\r\n"),
        "203.0.113.7"
    );
    EXPECT_EQ(
        client_of("X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.7\r\n"),
        "203.0.113.7"
    );
    EXPECT_EQ(
        client_of("Forwarded: for=203.0.113.7\r\nForwarded: for=10.0.0.3, for=10.0.0.2\r\n"),
        "203.0.113.7"
    );
}

TEST(Forwarding, the_standard_header_says_the_same) {
    constexpr std::array rows{
        Row{"for=203.0.113.7", "203.0.113.7"},
        Row{"For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1", "2001:db8::1"},
        Row{"for=198.51.100.1, for=203.0.113.7;proto=http, for=10.0.0.2", "203.0.113.7"},
        Row{"for=203.0.113.7, for=unknown", "10.0.0.1"},
        Row{"for=203.0.113.7, for=_hidden, for=10.0.0.2", "10.0.0.2"},
        Row{"for=203.0.113.7, proto=https", "10.0.0.1"},
        Row{"for=203.0.113.7, for=10.0.0.2;for=10.0.0.3", "10.0.0.1"},
        Row{"for=\", for=203.0.113.7", "203.0.113.7"}
    };
    for (const auto& row : rows)
        EXPECT_EQ(client_told(row.list), row.client) << row.list;
}

TEST(Forwarding, headers_that_name_different_clients_are_refused) {
    const std::string usual = "X-Forwarded-For: 203.0.113.7\r\n";
    const auto* const refused = "malformed: Forwarded and X-Forwarded-For name different clients";
    EXPECT_EQ(client_of(usual + "Forwarded: for=198.51.100.1\r\n"), refused);
    EXPECT_EQ(client_of("Forwarded: for=198.51.100.1\r\n" + usual), refused);
    // Hiding the client is a way to name it.
    EXPECT_EQ(client_of(usual + "Forwarded: for=unknown\r\n"), refused);
    EXPECT_EQ(client_of(usual + "Forwarded: for=\r\n"), refused);
    EXPECT_EQ(client_of(usual + "Forwarded: for=203.0.113.7, for=10.0.0.2\r\n"), "203.0.113.7");
    EXPECT_EQ(client_of(usual + "Forwarded: proto=https\r\n"), "203.0.113.7");
    EXPECT_EQ(client_of("Forwarded: for=203.0.113.7\r\nX-Forwarded-For:\r\n"), "203.0.113.7");
}

TEST(Forwarding, a_long_way_is_followed_to_an_end) {
    std::string list = "203.0.113.7";
    for (int i = 0; i < 31; ++i)
        list += ", 10.0.0.2";
    EXPECT_EQ(client_by(list), "203.0.113.7");
    EXPECT_EQ(client_by(list + ", 10.0.0.3"), "10.0.0.2");
}

TEST(Forwarding, a_proxy_may_be_reached_by_a_unix_socket) {
    EXPECT_EQ(client_of("X-Forwarded-For: 203.0.113.7\r\n", "unix"), "203.0.113.7");
    EXPECT_EQ(client_of("X-Forwarded-For: 203.0.113.7, unix\r\n", "unix"), "unix");
    EXPECT_EQ(client_of("", "unix"), "unix");
}

TEST(TrustedProxies, are_networks_and_whoever_connects_over_a_unix_socket) {
    const auto has = [](const std::vector<std::string>& texts, std::string_view peer) {
        return web::TrustedProxies::parse(texts).value().has_peer(peer);
    };
    EXPECT_TRUE(has({"10.0.0.0/8"}, "10.1.2.3"));
    EXPECT_FALSE(has({"10.0.0.0/8"}, "11.1.2.3"));
    EXPECT_FALSE(has({"10.0.0.0/8"}, "unix"));
    EXPECT_TRUE(has({"unix"}, "unix"));
    EXPECT_FALSE(has({"unix"}, "127.0.0.1"));
    EXPECT_FALSE(has({}, "127.0.0.1"));
    EXPECT_FALSE(has({"::/0"}, "10.1.2.3"));
    EXPECT_FALSE(has({"10.0.0.0/8"}, "2002:a01:203::1"));
    EXPECT_FALSE(web::TrustedProxies::parse({"proxy.example"}));
    EXPECT_FALSE(web::TrustedProxies::is_one("unix:"));
}

}  // namespace
}  // namespace gw::test
