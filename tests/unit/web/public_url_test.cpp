#include "web/public_url.hpp"

#include "web_requests.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {
namespace {

using web::PublicUrl;

std::string written(std::string_view text) {
    const auto url = web::parse_public_url(text);
    return url ? url->text() : "none";
}

TEST(PublicUrl, is_an_origin_and_perhaps_a_path) {
    EXPECT_EQ(
        web::parse_public_url("https://GW.example:8443/gate/way/").value(),
        (PublicUrl{.origin = "https://gw.example:8443", .host = "gw.example", .path = "/gate/way"})
    );
    EXPECT_EQ(
        web::parse_public_url("http://[2001:DB8::1]:80").value(),
        (PublicUrl{.origin = "http://[2001:db8::1]", .host = "[2001:db8::1]", .path = ""})
    );
    EXPECT_EQ(written("https://gw.example:443/"), "https://gw.example");
    EXPECT_EQ(written("https://gw.example:80"), "https://gw.example:80");
    EXPECT_EQ(written("http://gw.example:"), "http://gw.example");
}

TEST(PublicUrl, is_nothing_that_could_mean_another_place) {
    for (const auto* text :
         {"",
          "gw.example",
          "//gw.example",
          "ftp://gw.example",
          "https://",
          "https:///path",
          "https://user@gw.example",
          "https://gw.example:x",
          "https://gw.example:0",
          "https://gw.example:65536",
          "https://gw.example?x=1",
          "https://gw.example/?x=1",
          "https://gw.example/#a",
          "https://gw.example/a/../b",
          "https://gw.example//evil.example",
          "https://gw.example/a//",
          "https://gw.example\\@evil.example",
          "https://gw example"}) {
        EXPECT_EQ(written(text), "none") << text;
    }
}

class PublicUrlOf : public WebRequests {
protected:
    PublicUrlOf() { options.is_loopback = false; }

    // What a request says through a trusted proxy, or without one.
    std::string of(const std::string& headers, bool is_proxied = false) {
        static const std::string proxy = "10.0.0.1";
        server_.reset();
        receive("GET /health", headers);
        if (is_proxied) request->proxy = &proxy;
        if (!web::checks::forwarding(server(), *request)) return "refused";
        const auto url = web::public_url_of(server().options(), *request);
        return url ? url->text() : "none";
    }

    std::string proxied(const std::string& headers) {
        return of("Host: gw.example\r\n" + headers, true);
    }
};

TEST_F(PublicUrlOf, a_request_is_what_the_operator_says) {
    options.public_url = web::parse_public_url("https://gw.example/gate").value();
    const std::string headers = "Host: other.example\r\nX-Forwarded-Host: evil.example\r\n";
    EXPECT_EQ(of(headers), "https://gw.example/gate");
    EXPECT_EQ(of(headers, true), "https://gw.example/gate");
}

TEST_F(PublicUrlOf, a_request_is_else_a_host_that_was_named) {
    // Any host is served here, but not told to others.
    EXPECT_EQ(of("Host: any.example\r\n"), "none");
    options.allowed_hosts = {"gw.example", "other.example:444"};
    options.listen_host = "192.0.2.1";
    EXPECT_EQ(of("Host: gw.example:8443\r\n"), "http://gw.example:8443");
    EXPECT_EQ(of("Host: other.example:444\r\n"), "http://other.example:444");
    EXPECT_EQ(of("Host: other.example:445\r\n"), "none");
    EXPECT_EQ(of("Host: 192.0.2.1:8080\r\n"), "http://192.0.2.1:8080");
    EXPECT_EQ(of("Host: localhost:8080\r\n"), "none");
    options.is_tls = true;
    EXPECT_EQ(of("Host: gw.example\r\n"), "https://gw.example");
    options.is_loopback = true;
    EXPECT_EQ(of("Host: localhost:8080\r\n"), "https://localhost:8080");
}

TEST_F(PublicUrlOf, a_request_is_what_a_trusted_proxy_says_of_a_named_host) {
    options.allowed_hosts = {"gw.example", "front.example"};
    const std::string all =
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: front.example\r\nX-Forwarded-Prefix: "
        "/gate\r\n";
    EXPECT_EQ(proxied(all), "https://front.example/gate");
    EXPECT_EQ(of("Host: gw.example\r\n" + all), "http://gw.example");
    EXPECT_EQ(proxied("X-Forwarded-Host: evil.example\r\n"), "none");
    EXPECT_EQ(proxied("X-Forwarded-Host: gw.example@evil.example\r\n"), "none");
    EXPECT_EQ(proxied("X-Forwarded-Proto: HTTPS\r\n"), "https://gw.example");
    EXPECT_EQ(proxied("X-Forwarded-Proto: gopher\r\n"), "http://gw.example");
    for (const auto* prefix :
         {".evil.example", "@evil.example", "//evil.example", "/a/../b", "/a?b"})
        EXPECT_EQ(
            proxied("X-Forwarded-Prefix: " + std::string(prefix) + "\r\n"), "http://gw.example"
        );
    EXPECT_EQ(proxied("X-Forwarded-Prefix: /\r\n"), "http://gw.example");
}

TEST_F(PublicUrlOf, of_several_values_the_nearest_proxys_counts) {
    options.allowed_hosts = {"gw.example", "front.example"};
    EXPECT_EQ(proxied("X-Forwarded-Host: gw.example, front.example\r\n"), "http://front.example");
    EXPECT_EQ(
        proxied("X-Forwarded-Host: evil.example\r\nX-Forwarded-Host: front.example\r\n"),
        "http://front.example"
    );
}

TEST_F(PublicUrlOf, the_standard_header_says_it_with_the_client) {
    options.allowed_hosts = {"gw.example", "front.example"};
    options.trusted_proxies = web::TrustedProxies::parse({"10.0.0.0/8"}).value();
    const std::string told =
        "Forwarded: for=198.51.100.1;host=evil.example;proto=http, "
        "for=203.0.113.7;host=front.example;proto=https, for=10.0.0.2;host=gw.example\r\n";
    EXPECT_EQ(proxied(told), "https://front.example");
    EXPECT_EQ(request->forwarding->client, "203.0.113.7");
    EXPECT_EQ(proxied("Forwarded: proto=https\r\n"), "https://gw.example");
    EXPECT_EQ(proxied("Forwarded: host=\"front.example:8443\"\r\n"), "http://front.example:8443");
}

TEST_F(PublicUrlOf, headers_that_say_different_things_are_refused) {
    options.allowed_hosts = {"gw.example", "front.example"};
    const std::string told = "Forwarded: for=203.0.113.7;host=front.example;proto=https\r\n";
    EXPECT_EQ(proxied(told + "X-Forwarded-Host: gw.example\r\n"), "refused");
    EXPECT_EQ(proxied(told + "X-Forwarded-Proto: http\r\n"), "refused");
    EXPECT_EQ(
        proxied(told + "X-Forwarded-Proto: Https\r\nX-Forwarded-Host: Front.example\r\n"),
        "https://front.example"
    );
}

}  // namespace
}  // namespace gw::test
