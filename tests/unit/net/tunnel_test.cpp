#include "net/impl/tunnel.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

std::string answer(std::string_view received) {
    const auto result = net::impl::parse_tunnel_head(received);
    if (!result) return result.error().text;
    return *result ? "open" : "more";
}

TEST(Tunnel, is_asked_for_with_the_authority_twice_and_the_credentials) {
    EXPECT_EQ(
        net::impl::tunnel_request("a.example:443", ""),
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
    );
    EXPECT_EQ(
        net::impl::tunnel_request("[::1]:80", "Aladdin:open sesame"),  // RFC 7617, 2.
        "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
    );
}

TEST(Tunnel, is_open_after_a_whole_head_with_a_status_of_success) {
    const std::string head = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
    for (std::size_t size = 0; size < head.size(); ++size) {
        EXPECT_EQ(answer(head.substr(0, size)), "more") << size;
    }
    EXPECT_EQ(answer(head), "open");
    EXPECT_EQ(answer("HTTP/1.0 204\r\n\r\n"), "open");
    EXPECT_EQ(answer(head + "x"), "the proxy sent more than its answer");
}

TEST(Tunnel, is_not_open_after_anything_else) {
    EXPECT_EQ(
        answer("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
        "the proxy refused the connection"
    );
    EXPECT_EQ(answer("HTTP/1.1 100 Continue\r\n\r\n"), "the proxy refused the connection");
    EXPECT_EQ(answer("HTTP/1.1 2000 x\r\n\r\n"), "the proxy does not speak HTTP/1.1");
    EXPECT_EQ(answer("HTTP/2 200 x\r\n\r\n"), "the proxy does not speak HTTP/1.1");
    EXPECT_EQ(answer("\r\n\r\n"), "the proxy does not speak HTTP/1.1");
    EXPECT_EQ(answer(std::string(8192, 'x')), "the proxy's answer is too long");
}

}  // namespace
}  // namespace gw::test
