#include "gateway/initialize.hpp"

#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

// What was agreed: revision and capabilities.
std::string agreed(std::string_view params) {
    const auto terms = gateway::parse_initialize(params);
    if (!terms) return to_string(terms.error());
    return std::string(to_string(terms->revision)) + " " + to_json(terms->capabilities);
}

// The result for a client in front of one server that lists this.
std::string result(
    const FakeListing& listing,
    std::string session_id = "0-0-x",
    mcp::Revision revision = mcp::Revision::r2025_06_18
) {
    const catalog::CursorSeal seal(catalog::CursorSeal::Key{});
    std::vector<std::string> problems;
    const catalog::View view({}, {{0, "s", "s", to_listing(listing)}}, seal, problems);
    session::Terms terms;
    terms.id = std::move(session_id);
    terms.revision = revision;
    return gateway::initialize_result(view, terms);
}

TEST(Initialize, agrees_to_a_revision_that_is_spoken_here_and_offers_the_newest_else) {
    for (const auto* revision : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
        EXPECT_EQ(
            agreed(R"({"protocolVersion":")" + std::string(revision) + R"(","capabilities":{}})"),
            std::string(revision) + " {}"
        );
    }
    EXPECT_EQ(agreed(R"({"protocolVersion":"2024-11-05","capabilities":{}})"), "2025-11-25 {}");
    EXPECT_EQ(agreed(R"({"protocolVersion":"2099-01-01","capabilities":{}})"), "2025-11-25 {}");
}

TEST(Initialize, reads_capabilities_by_the_revision_that_was_agreed) {
    constexpr auto asked = R"(","capabilities":{"elicitation":{"url":{}},"roots":{}}})";
    const auto with = [&](const char* revision) {
        return agreed(R"({"protocolVersion":")" + std::string(revision) + asked);
    };
    EXPECT_EQ(with("2025-03-26"), R"(2025-03-26 {"roots":{}})");
    EXPECT_EQ(with("2025-06-18"), R"(2025-06-18 {"roots":{},"elicitation":{}})");
    EXPECT_EQ(with("2030-01-01"), R"(2025-11-25 {"roots":{},"elicitation":{"url":{}}})");
}

TEST(Initialize, rejects_what_is_not_well_formed) {
    EXPECT_EQ(agreed(""), R"(invalid_params: initialize needs "params")");
    EXPECT_EQ(agreed("{}"), R"(invalid_params: "protocolVersion" must be a string)");
    EXPECT_EQ(
        agreed(R"({"protocolVersion":20250326})"),
        R"(invalid_params: "protocolVersion" must be a string)"
    );
    EXPECT_EQ(
        agreed(R"({"protocolVersion":"2025-06-18","capabilities":[]})"),
        R"(invalid_params: "capabilities" must be an object)"
    );
    EXPECT_EQ(
        agreed(R"({"protocolVersion":"2025-06-18","capabilities":{"roots":1}})"),
        R"(invalid_params: "capabilities": "roots" must be an object)"
    );
    EXPECT_EQ(
        agreed(R"({"protocolVersion":"2025-06-18","clientInfo":"me"})"),
        R"(invalid_params: "clientInfo" must be an object)"
    );
}

TEST(Initialize, offers_what_the_servers_can_do_and_changes_where_there_is_a_stream) {
    EXPECT_EQ(
        result({.tools = {"a"}, .prompts = {"p"}, .instructions = "Be \"nice\"."}),
        R"({"protocolVersion":"2025-06-18","capabilities":{"prompts":{"listChanged":true},)"
        R"("tools":{"listChanged":true}},"serverInfo":{"name":"bascule","version":"0.1.0"},)"
        R"("instructions":"Be \"nice\"."})"
    );
}

TEST(Initialize, offers_no_changes_without_a_session) {
    EXPECT_EQ(
        result({.tools = {"a"}, .resources = {"f:///x"}, .has_subscribe = true}, ""),
        R"({"protocolVersion":"2025-06-18","capabilities":{"resources":{},"tools":{}},)"
        R"("serverInfo":{"name":"bascule","version":"0.1.0"}})"
    );
}

TEST(Initialize, offers_subscriptions_logging_and_completions_when_a_server_has_them) {
    EXPECT_EQ(
        result(
            {.resources = {"f:///x"},
             .has_logging = true,
             .has_completions = true,
             .has_subscribe = true}
        ),
        R"({"protocolVersion":"2025-06-18","capabilities":{"logging":{},"completions":{},)"
        R"("resources":{"subscribe":true,"listChanged":true}},)"
        R"("serverInfo":{"name":"bascule","version":"0.1.0"}})"
    );
    EXPECT_TRUE(result({.resources = {"f:///x"}}).contains(R"("resources":{"listChanged":true}})"));
}

TEST(Initialize, offers_tasks_to_sessions_of_the_revision_that_has_them) {
    constexpr auto newest = mcp::newest_with_sessions;
    const FakeListing listing{.core_tasks = {.calls = true, .list = true, .cancel = true}};
    EXPECT_TRUE(result(listing, "0-0-x", newest)
                    .contains(R"("capabilities":{"tasks":{"list":{},"cancel":{},)"
                              R"("requests":{"tools":{"call":{}}}}},)"));
    EXPECT_TRUE(result({.core_tasks = {.calls = true}}, "0-0-x", newest)
                    .contains(R"("capabilities":{"tasks":{"requests":{"tools":{"call":{}}}}},)"));
    EXPECT_FALSE(result(listing).contains("tasks"));
    EXPECT_FALSE(result(listing, "", newest).contains("tasks"));
    EXPECT_FALSE(result({.has_tasks = true}, "0-0-x", newest).contains("tasks"));
}

TEST(Initialize, offers_nothing_when_the_servers_can_do_nothing) {
    EXPECT_TRUE(result(FakeListing()).contains(R"("capabilities":{},)"));
}

}  // namespace
}  // namespace gw::test
