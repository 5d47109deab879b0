#pragma once

#include "http/head.hpp"
#include "net/shard.hpp"
#include "session/registry.hpp"
#include "support/fake_authenticator.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_views.hpp"
#include "transport/endpoint.hpp"
#include "transport/incoming.hpp"
#include "web/checks.hpp"
#include "web/http_server.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {

// An endpoint that serves /mcp and /servers/team/mcp, and requests that have come to it.
class Requests : public testing::Test {
protected:
    static constexpr std::size_t budget_bytes = 1'000'000;

    FakeClock clock;
    net::Shard shard{0, clock};
    async::Budget budget{shard, budget_bytes};
    async::FairShares body_shares;
    session::StreamLimits streams;
    session::Surroundings around{
        .loop = shard,
        .wheel = shard.wheel(),
        .budget = budget,
        .streams = streams,
        .ask_timeout = std::chrono::seconds(1)
    };
    session::SessionLimits limits;
    async::SharedCount session_count{{.max = 1000, .per_owner_max = 1000}};
    session::Registry sessions{0, around, limits, session_count, [](auto& bytes) {
                                   bytes.fill(1);
                               }};
    FakeViews views;
    gateway::StateSeal state_seal{{}};
    gateway::TaskSeal task_seal{{}};
    gateway::ParkLimits park_limits;
    async::LimitedQueue park_queue{{.max = 1000, .per_owner_max = 1000}};
    gateway::Parks parks{shard, shard.wheel(), 0, state_seal, park_limits, park_queue, {}};
    async::Allowance in_flight{1000, 2};  // The other shard is not there.
    async::Allowance connections{1000, 1};
    web::Options options;
    transport::Options mcp_options;
    std::optional<transport::Endpoint> endpoint_;
    std::optional<web::HttpServer> server_;
    std::optional<web::Request> request;
    std::string logged;
    std::shared_ptr<FakeAuthority> authority = std::make_shared<FakeAuthority>();

    // With the options as they are when it is first asked for.
    transport::Endpoint& endpoint() {
        if (endpoint_) return *endpoint_;
        auto topology = std::make_shared<gateway::Topology>();
        topology->add(0, {.id = "", .upstreams = {}, .rules = {}});
        topology->add(1, {.id = "team", .upstreams = {}, .rules = {}});
        return endpoint_.emplace(
            transport::Endpoint::Parts{
                .shard = shard,
                .budget = budget,
                .sessions = sessions,
                .views = views,
                .parks = parks,
                .state_seal = state_seal,
                .task_seal = task_seal,
                .log = [this](std::string_view line) { logged.append(line).append("\n"); }
            },
            transport::Endpoint::Policy{
                .options = std::make_shared<const transport::Options>(mcp_options),
                .topology = std::move(topology)
            }
        );
    }

    // The same.
    web::HttpServer& server() {
        if (server_) return *server_;
        using enum http::Method;
        auto& mcp = endpoint();
        return server_.emplace(
            web::HttpServer::Parts{
                .shard = shard,
                .budget = budget,
                .body_shares = body_shares,
                .in_flight = in_flight.share(0),
                .connections = connections.share(0),
                .routes =
                    {{{get, post, delete_}, "/mcp", web::Access::authenticated, mcp, "x"},
                     {{get, post, delete_},
                      "/servers/{id}/mcp",
                      web::Access::authenticated,
                      mcp,
                      "x"}},
                .otherwise = mcp,
                .migrate = {},
                .log_request = {},
                .log = [this](std::string_view line) { logged.append(line).append("\n"); }
            },
            web::HttpServer::Policy{
                .options = std::make_shared<const web::Options>(this->options),
                .authenticator = std::make_shared<const FakeAuthenticator>(authority)
            }
        );
    }

    // Reads a head: `start` as in "POST /mcp", and header lines, each with its CRLF.
    void receive(std::string_view start, std::string_view headers) {
        request.emplace(endpoint());
        request->bytes.append(start).append(" HTTP/1.1\r\n").append(headers).append("\r\n");
        const auto size = http::parse_request(request->bytes.view(), {}, request->head);
        ASSERT_TRUE(size && *size > 0) << start;
        request->head_size = *size;
    }

    // What all checks say of a request.
    std::string check(std::string_view start, std::string_view headers) {
        receive(start, headers);
        const auto passed = check_head(server(), *request);
        return passed ? "passed" : to_string(passed.error());
    }

    const transport::Incoming& incoming() { return request->attachment.as<transport::Incoming>(); }
};

}  // namespace gw::test
