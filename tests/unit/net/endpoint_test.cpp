#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

// The parts as they were understood, or the failure.
std::string parsed(std::string_view text) {
    const auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return std::string(to_string(endpoint.error().kind));
    if (endpoint->is_unix()) return "unix " + endpoint->path;
    return endpoint->host + " " + std::to_string(endpoint->port);
}

TEST(Endpoint, is_a_host_and_a_port_or_the_path_of_a_unix_socket) {
    EXPECT_EQ(parsed("127.0.0.1:8080"), "127.0.0.1 8080");
    EXPECT_EQ(parsed("localhost:0"), "localhost 0");
    EXPECT_EQ(parsed("[::1]:65535"), "::1 65535");
    EXPECT_EQ(parsed("unix:/run/x.sock"), "unix /run/x.sock");
    EXPECT_EQ(parsed("unix:a:1"), "unix a:1");
}

TEST(Endpoint, refuses_what_could_be_read_in_two_ways) {
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
          "a b:80",
          "a/b:80",
          "user@host:80",
          "unix:"}) {
        EXPECT_EQ(parsed(text), "invalid_params") << text;
    }
    EXPECT_EQ(parsed("unix:" + std::string(107, 'a')), "unix " + std::string(107, 'a'));
    EXPECT_EQ(parsed("unix:" + std::string(108, 'a')), "invalid_params");
}

TEST(Endpoint, is_written_as_it_is_read) {
    for (const auto* text : {"127.0.0.1:8080", "[::1]:1", "localhost:0", "unix:/run/x.sock"}) {
        EXPECT_EQ(to_string(*net::parse_endpoint(text)), text);
    }
}

TEST(Endpoint, a_host_cannot_end_the_line_it_is_written_into) {
    EXPECT_TRUE(net::is_host("example.com"));
    EXPECT_TRUE(net::is_host("fe80::1%eth0"));
    EXPECT_FALSE(net::is_host("a\r\nb"));
    EXPECT_FALSE(net::is_host(std::string_view("a\0b", 3)));
    EXPECT_FALSE(net::is_host(std::string(254, 'a')));
}

}  // namespace
}  // namespace gw::test
