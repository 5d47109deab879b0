#include "web/checks.hpp"

#include "web_requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

const std::string token = "Authorization: Bearer good\r\n";

class Checks : public WebRequests {
protected:
    // What one check says of a request that has passed those before it.
    std::string host(std::string_view name) {
        receive("GET /health", "Host: " + std::string(name) + "\r\n");
        const auto passed = web::checks::host(server(), *request);
        return passed ? "passed" : to_string(passed.error());
    }

    std::string with(std::string_view start, const std::string& headers) {
        return check(start, "Host: localhost\r\n" + headers);
    }

    // The kind of failure that comes first.
    std::string first(std::string_view start, const std::string& headers) {
        const auto outcome = check(start, headers);
        return outcome.substr(0, outcome.find(':'));
    }
};

// Each request lacks one thing less than the one before.
TEST_F(Checks, refuse_a_request_for_the_first_reason_of_their_list) {
    const std::string big = "Content-Length: 99999999\r\n";
    const std::string good = "Host: localhost\r\n";
    const std::string origin = "Origin: https://page.example\r\n";
    in_flight.set_max(0);
    EXPECT_EQ(first("PUT /nowhere", "Host: evil.example\r\n" + origin + big), "unknown_path");
    EXPECT_EQ(first("PUT /things", "Host: evil.example\r\n" + origin + big), "unavailable");
    in_flight.set_max(1);
    EXPECT_EQ(
        check("PUT /things", "Host: evil.example\r\n" + origin + big),
        "foreign_origin: Forbidden: this host is not served here"
    );
    EXPECT_EQ(
        check("PUT /things", good + origin + big),
        "foreign_origin: Forbidden: this origin is not allowed"
    );
    server().drain();
    EXPECT_EQ(first("PUT /things", good + big), "method_not_allowed");
    EXPECT_EQ(first("POST /things", good + big), "unavailable");
    server_.reset();
    EXPECT_EQ(first("POST /things", good + big), "unauthenticated");
    EXPECT_EQ(first("POST /things", good + token + big), "payload_too_large");
    EXPECT_EQ(first("POST /things", good + token), "passed");
}

TEST_F(Checks, ask_the_handler_last_and_with_the_parameters_of_the_path) {
    things.home = 3;
    EXPECT_EQ(with("GET /things/7/parts", token), "passed");
    EXPECT_EQ(things.checked, "7");
    EXPECT_EQ(*web::check_head(server(), *request), 3);
    things.checked.clear();
    EXPECT_EQ(with("GET /things/7/parts", ""), "unauthenticated: Unauthorized");
    EXPECT_EQ(things.checked, "");
}

TEST_F(Checks, an_absolute_target_must_name_the_host) {
    EXPECT_EQ(with("GET http://localhost/health", ""), "passed");
    EXPECT_EQ(with("GET http://LocalHost/health", ""), "passed");
    EXPECT_EQ(
        with("GET http://other/health", ""),
        "malformed: the request target and Host name different servers"
    );
}

TEST_F(Checks, believe_only_a_trusted_proxy_whom_it_passes_a_request_on_for) {
    options.trusted_proxies = web::TrustedProxies::parse({"10.0.0.0/8"}).value();
    const std::string lines = "Host: localhost\r\nX-Forwarded-For: 203.0.113.7\r\n";
    EXPECT_EQ(check("GET /health", lines), "passed");
    EXPECT_EQ(request->forwarding, nullptr);
    const std::string proxy = "10.0.0.1";
    receive("GET /health", lines);
    request->proxy = &proxy;
    EXPECT_TRUE(check_head(server(), *request));
    EXPECT_EQ(request->forwarding->client, "203.0.113.7");
}

TEST_F(Checks, take_pages_of_the_host_that_a_trusted_proxy_was_reached_by) {
    options.is_loopback = false;
    options.listen_host = "10.0.0.9";
    options.allowed_hosts = {"gw.example"};
    const std::string proxy = "10.0.0.1";
    const auto outcome = [&](bool is_proxied, const std::string& host, const std::string& origin) {
        receive(
            "GET /health",
            "Host: 10.0.0.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: " + host +
                "\r\nOrigin: " + origin + "\r\n"
        );
        if (is_proxied) request->proxy = &proxy;
        return check_head(server(), *request).has_value();
    };
    EXPECT_TRUE(outcome(true, "gw.example", "https://gw.example"));
    EXPECT_FALSE(outcome(true, "gw.example", "http://gw.example"));
    EXPECT_FALSE(outcome(false, "gw.example", "https://gw.example"));
    EXPECT_FALSE(outcome(true, "evil.example", "https://evil.example"));
}

TEST_F(Checks, know_the_client_of_a_request_that_they_refuse) {
    const std::string proxy = "10.0.0.1";
    receive("GET /nowhere", "Host: evil.example\r\nX-Forwarded-For: 203.0.113.7\r\n");
    request->proxy = &proxy;
    in_flight.set_max(0);
    EXPECT_FALSE(check_head(server(), *request));
    EXPECT_EQ(request->forwarding->client, "203.0.113.7");
}

constexpr auto foreign_host = "foreign_origin: Forbidden: this host is not served here";

TEST_F(Checks, a_gateway_on_this_machine_is_reached_by_names_of_this_machine_only) {
    for (const auto* name : {"localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"})
        EXPECT_EQ(host(name), "passed") << name;
    for (const auto* name :
         {"evil.example",
          "localhost.evil.example",
          "127.0.0.1.evil.example",
          "192.168.0.1",
          "",
          "user@localhost",
          "localhost:x"}) {
        EXPECT_EQ(host(name), foreign_host) << name;
    }
}

TEST_F(Checks, allowed_hosts_are_taken_with_the_port_they_name_or_any) {
    options.allowed_hosts = {"gw.example", "other.example:444"};
    EXPECT_EQ(host("gw.example:8443"), "passed");
    EXPECT_EQ(host("GW.Example"), "passed");
    EXPECT_EQ(host("other.example:444"), "passed");
    EXPECT_EQ(host("other.example:445"), foreign_host);
    EXPECT_EQ(host("evil.example"), foreign_host);
}

TEST_F(Checks, a_gateway_for_others_takes_any_host_until_some_are_named) {
    options.is_loopback = false;
    EXPECT_EQ(host("any.example"), "passed");
    server_.reset();
    options.allowed_hosts = {"gw.example"};
    EXPECT_EQ(host("any.example"), foreign_host);
}

TEST_F(Checks, a_host_that_was_taken_does_not_open_the_way_for_another) {
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(host("localhost"), "passed");
        EXPECT_EQ(host("evil.example"), foreign_host);
    }
}

TEST_F(Checks, the_name_that_the_gateway_listens_on_is_always_taken) {
    options.is_loopback = false;
    options.listen_host = "10.1.2.3";
    options.allowed_hosts = {"gw.example"};
    EXPECT_EQ(host("10.1.2.3:8080"), "passed");
    EXPECT_EQ(host("10.1.2.4:8080"), foreign_host);
}

TEST_F(Checks, methods_are_those_of_the_path) {
    const auto allowed = [this](const std::string& target) {
        std::string text;
        for (const std::string name :
             {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"}) {
            if (with(name + " " + target, token) == "passed") text += name + " ";
        }
        return text;
    };
    EXPECT_EQ(allowed("/things"), "GET POST DELETE OPTIONS ");
    EXPECT_EQ(allowed("/health"), "GET HEAD OPTIONS ");
}

TEST_F(Checks, who_is_asking_is_known_or_refused) {
    EXPECT_EQ(with("POST /things", ""), "unauthenticated: Unauthorized");
    EXPECT_EQ(
        with("POST /things", "Authorization: Bearer bad\r\n"), "unauthenticated: Unauthorized"
    );
    EXPECT_EQ(request->who, nullptr);
    EXPECT_EQ(with("DELETE /things", token), "passed");
    EXPECT_EQ(request->who->name, "ann");
}

TEST_F(Checks, ask_nobody_for_a_token_to_see_the_health_of_the_gateway) {
    EXPECT_EQ(with("GET /health", ""), "passed");
    server().drain();
    EXPECT_EQ(with("HEAD /health/", ""), "passed");
    EXPECT_EQ(first("GET /health", "Host: evil.example\r\n"), "foreign_origin");
}

TEST_F(Checks, health_is_seen_however_busy_the_gateway_is) {
    in_flight.set_max(0);
    EXPECT_EQ(with("GET /health", ""), "passed");
    EXPECT_EQ(first("GET /things", "Host: localhost\r\n" + token), "unavailable");
}

// As probes of load balancers ask.
TEST_F(Checks, health_is_seen_without_a_host_by_http_1_0) {
    const auto passes = [this](std::string_view text) {
        request.emplace(things);
        request->bytes.append(text);
        request->head_size = *http::parse_request(request->bytes.view(), {}, request->head);
        return check_head(server(), *request).has_value();
    };
    EXPECT_TRUE(passes("GET /health HTTP/1.0\r\n\r\n"));
    EXPECT_FALSE(passes("GET /things HTTP/1.0\r\nAuthorization: Bearer good\r\n\r\n"));
    EXPECT_FALSE(passes("GET /health HTTP/1.0\r\nHost: evil.example\r\n\r\n"));
}

TEST_F(Checks, nobody_unknown_makes_the_gateway_read_a_body) {
    const std::string sized = "Content-Length: 10\r\n";
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    for (const auto* start : {"GET /health", "OPTIONS /things"}) {
        EXPECT_EQ(with(start, sized), "payload_too_large: a body has no meaning here") << start;
        EXPECT_EQ(with(start, chunked), "payload_too_large: a body has no meaning here") << start;
        EXPECT_EQ(with(start, "Content-Length: 0\r\n"), "passed") << start;
    }
}

TEST_F(Checks, ask_nobody_for_a_token_in_a_preflight_request) {
    const std::string start = "OPTIONS /things";
    EXPECT_EQ(with(start, "Origin: http://localhost:5173\r\n"), "passed");
    EXPECT_EQ(
        first(start, "Host: localhost\r\nOrigin: https://evil.example\r\n"), "foreign_origin"
    );
}

TEST_F(Checks, a_body_is_refused_by_the_size_that_it_announces) {
    options.body_bytes_max = 100;
    EXPECT_EQ(with("POST /things", token + "Content-Length: 100\r\n"), "passed");
    EXPECT_EQ(
        with("POST /things", token + "Content-Length: 101\r\n"),
        "payload_too_large: the body is over the limit (limits.body_bytes_max)"
    );
}

}  // namespace
}  // namespace gw::test
