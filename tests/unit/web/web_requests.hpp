#pragma once

#include "net/shard.hpp"
#include "support/fake_authenticator.hpp"
#include "support/fake_clock.hpp"
#include "web/checks.hpp"
#include "web/handler.hpp"
#include "web/http_server.hpp"
#include "web/request.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {

// Answers nothing; says what it was asked to check.
class FakeHandler final : public web::Handler {
public:
    explicit FakeHandler(bool is_always_served = false) : is_always_served_(is_always_served) {}

    Result<std::optional<unsigned>> check(web::Request& request) override {
        checked = request.parameters.front();
        return home;
    }

    Task<> serve(web::Connection& /*connection*/, web::Request& /*request*/) override { co_return; }

    bool is_always_served() const override { return is_always_served_; }

    std::string checked;
    std::optional<unsigned> home;

private:
    bool is_always_served_;
};

// A server of some routes, and requests that have come to it.
class WebRequests : public testing::Test {
protected:
    FakeClock clock;
    net::Shard shard{0, clock};
    async::Budget budget{shard, 1'000'000};
    async::FairShares body_shares;
    async::Allowance in_flight{1000, 1};
    async::Allowance connections{1000, 1};
    FakeHandler things;
    FakeHandler health{true};
    web::Options options;
    std::optional<web::HttpServer> server_;
    std::optional<web::Request> request;

    // With the options as they are when it is first asked for.
    web::HttpServer& server() {
        if (server_) return *server_;
        using enum http::Method;
        return server_.emplace(
            web::HttpServer::Parts{
                .shard = shard,
                .budget = budget,
                .body_shares = body_shares,
                .in_flight = in_flight.share(0),
                .connections = connections.share(0),
                .routes =
                    {{{get, post, delete_}, "/things", web::Access::authenticated, things, "x"},
                     {{get}, "/things/{id}/parts", web::Access::authenticated, things, "x"},
                     {{get, head}, "/health", web::Access::open, health, "x"}},
                .otherwise = things,
                .migrate = {},
                .log_request = {},
                .log = {}
            },
            web::HttpServer::Policy{
                .options = std::make_shared<const web::Options>(this->options),
                .authenticator = std::make_shared<const FakeAuthenticator>()
            }
        );
    }

    // Reads a head: `start` as in "POST /things", and header lines, each with its CRLF.
    void receive(std::string_view start, std::string_view headers) {
        request.emplace(things);
        request->bytes.append(start).append(" HTTP/1.1\r\n").append(headers).append("\r\n");
        const auto size = http::parse_request(request->bytes.view(), {}, request->head);
        ASSERT_TRUE(size && *size > 0) << start;
        request->head_size = *size;
    }

    // What all checks say of a request.
    std::string check(std::string_view start, std::string_view headers = "Host: localhost\r\n") {
        receive(start, headers);
        const auto passed = check_head(server(), *request);
        return passed ? "passed" : to_string(passed.error());
    }
};

}  // namespace gw::test
