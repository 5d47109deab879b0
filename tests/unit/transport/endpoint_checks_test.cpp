#include "requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

const std::string token = "Authorization: Bearer good\r\n";
const std::string json = "Content-Type: application/json\r\n";

class EndpointChecks : public Requests {
protected:
    std::string with(std::string_view start, const std::string& headers) {
        return check(start, "Host: localhost\r\n" + token + headers);
    }

    // Which virtual server a path leads to.
    std::string leads_to(const std::string& path) {
        const auto outcome = with("POST " + path, json);
        return outcome == "passed" ? std::to_string(incoming().server) : outcome;
    }
};

TEST_F(EndpointChecks, say_what_a_good_request_is) {
    EXPECT_EQ(
        with(
            "POST /servers/team/mcp",
            json + "Accept: application/json, text/event-stream\r\n"
                   "MCP-Protocol-Version: 2026-07-28\r\nContent-Length: 2\r\n"
        ),
        "passed"
    );
    EXPECT_EQ(incoming().server, 1);
    EXPECT_EQ(request->who->name, "ann");
    EXPECT_TRUE(incoming().takes_json && incoming().takes_events && incoming().is_stateless);
}

TEST_F(EndpointChecks, a_path_leads_to_its_virtual_server) {
    EXPECT_EQ(leads_to("/mcp") + leads_to("/mcp/") + leads_to("/mcp?x=1"), "000");
    EXPECT_EQ(leads_to("/servers/team/mcp") + leads_to("/servers/team/mcp/"), "11");
    for (const auto* path :
         {"/servers/other/mcp",
          "/servers/%2e%2e/mcp",
          "/servers/../mcp",
          "/servers/team%2fx/mcp",
          "/mcp;x"}) {
        EXPECT_EQ(leads_to(path), "unknown_path: Not found") << path;
    }
}

TEST_F(EndpointChecks, without_sessions_there_is_only_post) {
    mcp_options.sessions = transport::SessionMode::off;
    EXPECT_EQ(with("POST /mcp", json), "passed");
    EXPECT_EQ(
        with("GET /mcp", "Accept: text/event-stream\r\n"), "method_not_allowed: Method not allowed"
    );
    Buffer out;
    endpoint().refuse(
        out,
        web::ReplyHead(server().reply_start()),
        *request,
        {Errc::method_not_allowed, {}, {}, {}}
    );
    EXPECT_TRUE(out.view().contains("\r\nAllow: POST, OPTIONS\r\n")) << out.view();
}

TEST_F(EndpointChecks, come_after_those_of_every_request_and_in_this_order) {
    const std::string text = "Accept: text/plain\r\n";
    const std::string bad_version = "MCP-Protocol-Version: 2020-01-01\r\n";
    const auto first = [this](std::string_view start, const std::string& headers) {
        const auto outcome = check(start, "Host: localhost\r\n" + headers);
        return outcome.substr(0, outcome.find(':'));
    };
    EXPECT_EQ(first("POST /servers/other/mcp", text + bad_version), "unauthenticated");
    EXPECT_EQ(first("POST /servers/other/mcp", token + text + bad_version), "unknown_path");
    EXPECT_EQ(first("POST /mcp", token + text + bad_version), "unsupported_media_type");
    EXPECT_EQ(first("POST /mcp", token + json + text + bad_version), "not_acceptable");
    // The body decides which era refuses it.
    EXPECT_EQ(first("POST /mcp", token + json + bad_version), "passed");
    EXPECT_EQ(first("DELETE /mcp", token + bad_version), "unsupported_version");
}

TEST_F(EndpointChecks, a_refusal_is_in_the_words_of_the_era_that_the_header_names) {
    const auto refused = [this](const std::string& headers) {
        EXPECT_TRUE(
            check("POST /mcp", "Host: localhost\r\n" + headers).starts_with("unauthenticated")
        );
        Buffer out;
        endpoint().refuse(
            out,
            web::ReplyHead(server().reply_start()),
            *request,
            {Errc::unauthenticated, "x", {}, {}}
        );
        return std::string(out.view());
    };
    EXPECT_TRUE(refused("").contains("\"code\":-32000"));
    EXPECT_TRUE(refused("MCP-Protocol-Version: 2026-07-28\r\n").contains("\"code\":-32600"));
}

TEST_F(EndpointChecks, only_plain_json_is_read) {
    constexpr auto type =
        "unsupported_media_type: Unsupported Media Type: Content-Type must be application/json";
    EXPECT_EQ(with("POST /mcp", "Content-Type: application/json\r\n"), "passed");
    EXPECT_EQ(with("POST /mcp", "Content-Type: Application/JSON; charset=utf-8\r\n"), "passed");
    EXPECT_EQ(with("POST /mcp", ""), type);
    EXPECT_EQ(with("POST /mcp", "Content-Type: text/plain\r\n"), type);
    EXPECT_EQ(with("GET /mcp", "Accept: text/event-stream\r\n"), "passed");
    EXPECT_EQ(
        with("POST /mcp", "Content-Type: application/json\r\nContent-Encoding: br\r\n"),
        "unsupported_media_type: Content-Encoding is not supported"
    );
}

// Whether JSON and events are taken, or why not.
TEST_F(EndpointChecks, a_client_gets_what_it_accepts) {
    const auto taken = [this](const char* start, const std::string& headers) {
        const auto outcome = with(start, json + headers);
        if (outcome != "passed") return outcome.substr(0, outcome.find(':'));
        return std::string(incoming().takes_json ? "json " : "") +
               (incoming().takes_events ? "events" : "");
    };
    EXPECT_EQ(taken("POST /mcp", "Accept: application/json, text/event-stream\r\n"), "json events");
    EXPECT_EQ(taken("POST /mcp", "Accept: */*\r\n"), "json events");
    EXPECT_EQ(taken("POST /mcp", "Accept: application/json\r\n"), "json ");
    EXPECT_EQ(taken("POST /mcp", ""), "json ");
    EXPECT_EQ(taken("POST /mcp", "Accept: text/event-stream\r\n"), "not_acceptable");
    EXPECT_EQ(
        taken("POST /mcp", "Accept: application/json;q=0, text/event-stream\r\n"), "not_acceptable"
    );
    EXPECT_EQ(taken("GET /mcp", "Accept: text/event-stream\r\n"), "events");
    EXPECT_EQ(taken("GET /mcp", "Accept: application/json\r\n"), "not_acceptable");
    EXPECT_EQ(taken("GET /mcp", ""), "not_acceptable");
}

TEST_F(EndpointChecks, any_revision_of_ours_may_stand_in_the_header) {
    for (const auto* version :
         {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}) {
        EXPECT_EQ(
            with("POST /mcp", json + "MCP-Protocol-Version: " + std::string(version) + "\r\n"),
            "passed"
        );
    }
    EXPECT_EQ(with("POST /mcp", json), "passed");
    for (const auto* version : {"", "2024-10-07", "latest"}) {
        EXPECT_TRUE(with(
                        "GET /mcp",
                        "Accept: text/event-stream\r\nMCP-Protocol-Version: " +
                            std::string(version) + "\r\n"
        )
                        .starts_with("unsupported_version: ")
        ) << version;
    }
}

}  // namespace
}  // namespace gw::test
