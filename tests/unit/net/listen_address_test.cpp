#include "net/listen_address.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

// The parts as they were understood, or the failure.
std::string parsed(std::string_view text) {
    const auto address = net::parse_listen_address(text);
    if (!address) return std::string(to_string(address.error().kind));
    if (address->is_unix()) return "unix " + address->path;
    return address->host + " " + std::to_string(address->port);
}

TEST(ListenAddress, is_a_host_and_a_port_or_the_path_of_a_unix_socket) {
    EXPECT_EQ(parsed("127.0.0.1:8080"), "127.0.0.1 8080");
    EXPECT_EQ(parsed("localhost:0"), "localhost 0");
    EXPECT_EQ(parsed("[::1]:65535"), "::1 65535");
    EXPECT_EQ(parsed("unix:/run/x.sock"), "unix /run/x.sock");
    EXPECT_EQ(parsed("unix:a:1"), "unix a:1");
}

TEST(ListenAddress, refuses_what_could_be_read_in_two_ways) {
    for (const auto* text :
         {"",
          "8080",
          ":8080",
          "host:",
          "host:65536",
          "host:-1",
          "host:+1",
          "host: 1",
          "host:1 ",
          "::1:80",
          "[::1]",
          "[::1]80",
          "[host]:80",
          "[]:80",
          "[nonsense]:80",
          "[a:b]:80",
          "[::1:80",
          "::1]:80",
          "fe80::1%eth0:80",
          "a%b:80",
          "localhost:80/",
          "a b:80",
          "a/b:80",
          "user@host:80",
          "unix:"}) {
        EXPECT_EQ(parsed(text), "invalid_params") << text;
    }
    EXPECT_EQ(parsed("unix:" + std::string(107, 'a')), "unix " + std::string(107, 'a'));
    EXPECT_EQ(parsed("unix:" + std::string(108, 'a')), "invalid_params");
}

TEST(ListenAddress, is_local_when_only_this_machine_can_connect) {
    for (const auto* text :
         {"127.0.0.1:8080", "127.9.9.9:0", "localhost:80", "[::1]:1", "[0:0::1]:1", "unix:/run/b"
         }) {
        EXPECT_TRUE(net::parse_listen_address(text)->is_local()) << text;
    }
    for (const auto* text :
         {"0.0.0.0:80", "[::]:80", "gateway.example:80", "127.evil.example:80", "127.1:80"}) {
        EXPECT_FALSE(net::parse_listen_address(text)->is_local()) << text;
    }
}

TEST(ListenAddress, is_written_as_it_is_read) {
    for (const auto* text : {"127.0.0.1:8080", "[::1]:1", "localhost:0", "unix:/run/x.sock"}) {
        EXPECT_EQ(to_string(*net::parse_listen_address(text)), text);
    }
}

TEST(ListenAddress, a_host_cannot_end_the_line_it_is_written_into) {
    EXPECT_TRUE(net::is_host("example.com"));
    EXPECT_TRUE(net::is_host("fe80::1%eth0"));
    EXPECT_FALSE(net::is_host("a\r\nb"));
    EXPECT_FALSE(net::is_host(std::string_view("a\0b", 3)));
    EXPECT_FALSE(net::is_host(std::string(254, 'a')));
}

}  // namespace
}  // namespace gw::test
