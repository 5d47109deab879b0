#include "requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

class Pipeline : public Requests {
protected:
    std::string all(std::string_view start, const std::string& headers) {
        return check(&transport::check_head, start, headers);
    }

    // The kind of failure that comes first.
    std::string first(std::string_view start, const std::string& headers) {
        const auto outcome = all(start, headers);
        return outcome.substr(0, outcome.find(':'));
    }
};

const std::string host = "Host: localhost\r\n";
const std::string token = "Authorization: Bearer good\r\n";
const std::string json = "Content-Type: application/json\r\n";

TEST_F(Pipeline, lets_a_good_request_through_and_says_what_it_is) {
    EXPECT_EQ(
        all("POST /servers/team/mcp",
            host + token + json +
                "Accept: application/json, text/event-stream\r\n"
                "MCP-Protocol-Version: 2025-06-18\r\nContent-Length: 2\r\n"),
        "passed"
    );
    EXPECT_EQ(incoming->place, transport::Place::mcp);
    EXPECT_EQ(incoming->server, 1);
    EXPECT_EQ(incoming->who.name, "ann");
    EXPECT_TRUE(incoming->takes_json && incoming->takes_events);
}

// Each request lacks one thing less than the one before.
TEST_F(Pipeline, refuses_a_request_for_the_first_reason_of_its_list) {
    const std::string bad_version = "MCP-Protocol-Version: 2020-01-01\r\n";
    const std::string text = "Accept: text/plain\r\n";
    const std::string big = "Content-Length: 99999999\r\n";
    const std::string encoded = "Content-Encoding: gzip\r\n";
    const std::string origin = "Origin: https://page.example\r\n";
    const std::string foreign = "Host: evil.example\r\n";
    const auto rest = big + encoded + text + bad_version;
    incoming.reset();
    in_flight.set_max(0);
    EXPECT_EQ(first("PUT /nowhere", foreign + origin + rest), "unavailable");
    in_flight.set_max(1);
    EXPECT_EQ(first("PUT /nowhere", foreign + origin + rest), "unknown_path");
    EXPECT_EQ(
        all("PUT /mcp", foreign + origin + rest),
        "foreign_origin: Forbidden: this host is not served here"
    );
    EXPECT_EQ(
        all("PUT /mcp", host + origin + rest),
        "foreign_origin: Forbidden: this origin is not allowed"
    );
    EXPECT_EQ(first("PUT /mcp", host + rest), "method_not_allowed");
    EXPECT_EQ(first("POST /mcp", host + rest), "unauthenticated");
    EXPECT_EQ(first("POST /servers/other/mcp", host + rest), "unauthenticated");
    EXPECT_EQ(first("POST /servers/other/mcp", host + token + rest), "unknown_path");
    EXPECT_EQ(first("POST /mcp", host + token + rest), "payload_too_large");
    EXPECT_EQ(
        first("POST /mcp", host + token + encoded + text + bad_version), "unsupported_media_type"
    );
    EXPECT_EQ(first("POST /mcp", host + token + json + text + bad_version), "not_acceptable");
    // The body decides which era refuses it.
    EXPECT_EQ(first("POST /mcp", host + token + json + bad_version), "passed");
    EXPECT_EQ(first("DELETE /mcp", host + token + bad_version), "unsupported_version");
    EXPECT_EQ(first("POST /mcp", host + token + json), "passed");
    endpoint().drain();
    EXPECT_EQ(first("PUT /mcp", host + rest), "method_not_allowed");
    EXPECT_EQ(first("POST /mcp", host + rest), "unavailable");
}

TEST_F(Pipeline, asks_nobody_for_a_token_to_see_the_health_of_the_gateway) {
    EXPECT_EQ(all("GET /health", host), "passed");
    EXPECT_EQ(incoming->place, transport::Place::health);
    endpoint().drain();
    EXPECT_EQ(all("HEAD /ready/", host), "passed");
    EXPECT_EQ(incoming->place, transport::Place::ready);
    EXPECT_EQ(first("GET /health", "Host: evil.example\r\n"), "foreign_origin");
}

TEST_F(Pipeline, asks_nobody_for_a_token_in_a_preflight_request) {
    EXPECT_EQ(all("OPTIONS /mcp", host + "Origin: http://localhost:5173\r\n"), "passed");
    EXPECT_EQ(first("OPTIONS /mcp", host + "Origin: https://evil.example\r\n"), "foreign_origin");
}

}  // namespace
}  // namespace gw::test
