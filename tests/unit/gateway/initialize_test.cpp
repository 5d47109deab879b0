#include "gateway/initialize.hpp"

#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

// What was agreed: revision and capabilities.
std::string agreed(std::string_view params) {
    const auto agreed = gateway::parse_initialize(params);
    if (!agreed) return to_string(agreed.error());
    const auto& [terms, version] = *agreed;
    return version + " " + to_json(terms.capabilities);
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
    return gateway::initialize_result(all_of(view), terms, to_string(revision));
}

TEST(Initialize, agrees_to_a_revision_that_is_spoken_here_and_offers_the_newest_else) {
    for (const auto* revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
        EXPECT_EQ(
            agreed(R"({"protocolVersion":")" + std::string(revision) + R"(","capabilities":{}})"),
            std::string(revision) + " {}"
        );
    }
    EXPECT_EQ(agreed(R"({"protocolVersion":"2099-01-01","capabilities":{}})"), "2025-11-25 {}");
}

TEST(Initialize, reads_capabilities_by_the_revision_that_was_agreed) {
    constexpr auto asked = R"(","capabilities":{"elicitation":{"url":{}},"roots":{}}})";
    const auto with = [&](const char* revision) {
        return agreed(R"({"protocolVersion":")" + std::string(revision) + asked);
    };
    EXPECT_EQ(with("2024-11-05"), R"(2024-11-05 {"roots":{}})");
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

constexpr auto lists = R"("prompts":{"listChanged":true},"resources":{"subscribe":true,)"
                       R"("listChanged":true},"tools":{"listChanged":true})";

TEST(Initialize, offers_every_list_and_its_changes_whatever_the_servers_have_so_far) {
    for (const auto& listing :
         {FakeListing{.tools = {"a"}, .instructions = "Be \"nice\"."},
          FakeListing{.resources = {"f:///x"}, .instructions = "Be \"nice\"."}}) {
        EXPECT_EQ(
            result(listing),
            R"({"protocolVersion":"2025-06-18","capabilities":{)" + std::string(lists) +
                R"(},"serverInfo":{"name":"bascule","version":"0.1.0"},)"
                R"("instructions":"Be \"nice\"."})"
        );
    }
}

TEST(Initialize, tells_which_gateways_the_servers_lead_to) {
    const catalog::CursorSeal seal(catalog::CursorSeal::Key{});
    std::vector<std::string> problems;
    const catalog::View view({}, {}, seal, problems, {.instances = {"me", "other"}});
    const auto text = gateway::initialize_result(all_of(view), {}, "2025-11-25");
    EXPECT_TRUE(text.ends_with(R"(,"_meta":{"bascule/instances":["me","other"]}})")) << text;
}

TEST(Initialize, offers_no_changes_without_a_session) {
    EXPECT_EQ(
        result({.tools = {"a"}, .resources = {"f:///x"}, .has_subscribe = true}, ""),
        R"({"protocolVersion":"2025-06-18","capabilities":{"prompts":{},"resources":{},"tools":{}},)"
        R"("serverInfo":{"name":"bascule","version":"0.1.0"}})"
    );
}

TEST(Initialize, offers_logging_and_completions_when_a_server_has_them_or_none_is_known) {
    const auto both = R"("capabilities":{"logging":{},"completions":{},)" + std::string(lists);
    EXPECT_TRUE(result({.has_logging = true, .has_completions = true}).contains(both));
    EXPECT_TRUE(result({.tools = {"a"}}).contains("\"capabilities\":{" + std::string(lists)));
    const catalog::CursorSeal seal(catalog::CursorSeal::Key{});
    std::vector<std::string> problems;
    const catalog::View view(
        {}, {}, seal, problems, {.gaps = {.missing = {{0, "s", "it is down"}}}}
    );
    session::Terms terms;
    terms.id = "0-0-x";
    EXPECT_TRUE(gateway::initialize_result(all_of(view), terms, "2025-11-25").contains(both));
}

TEST(Initialize, offers_tasks_to_sessions_of_the_revision_that_has_them) {
    constexpr auto newest = mcp::newest_with_sessions;
    const FakeListing listing{.core_tasks = {.calls = true, .list = true, .cancel = true}};
    EXPECT_TRUE(result(listing, "0-0-x", newest)
                    .contains(R"("tools":{"listChanged":true},"tasks":{"list":{},"cancel":{},)"
                              R"("requests":{"tools":{"call":{}}}}},)"));
    EXPECT_TRUE(
        result({.core_tasks = {.calls = true}}, "0-0-x", newest)
            .contains(R"("tools":{"listChanged":true},"tasks":{"requests":{"tools":{"call":{}}}}},)"
            )
    );
    EXPECT_FALSE(result(listing).contains("tasks"));
    EXPECT_FALSE(result(listing, "", newest).contains("tasks"));
    EXPECT_FALSE(result({.has_tasks = true}, "0-0-x", newest).contains("tasks"));
}

}  // namespace
}  // namespace gw::test
