#include "calling.hpp"
#include "gateway/parks.hpp"
#include "gateway/request_state.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace gw::test {
namespace {

class NoHeaders final : public gateway::Headers {
public:
    std::optional<std::string_view> value(std::string_view) const override { return {}; }

    void each(const Visit&) const override {}
};

constexpr std::string_view our_meta =
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bascule","version":"0.1.0"}})";

// What a stateless client gets.
class Typed : public Calling {
protected:
    NoHeaders headers;
    gateway::StateSeal seal{gateway::StateSeal::Key{1}};
    gateway::ParkLimits limits;
    async::LimitedQueue queue{{.max = 100, .per_owner_max = 100}};
    gateway::Parks parks{around.loop, around.wheel, 0, seal, limits, queue, {}};
    gateway::Stateless beside{headers, parks, seal, "ann", false};

    Typed() {
        revision = mcp::Revision::r2026_07_28;
        session_id = "";
        stateless = &beside;
        show({.tools = {"a"}, .prompts = {"p"}}, {});
    }
};

TEST_F(Typed, lists_say_how_long_they_hold) {
    EXPECT_EQ(
        answer("tools/list", ""),
        R"({"ttlMs":60000,"cacheScope":"private","resultType":"complete",)" +
            std::string(our_meta) + R"(,"tools":[{"name":"gh-a"}]})"
    );
    EXPECT_EQ(
        answer("prompts/list", ""),
        R"({"ttlMs":60000,"cacheScope":"private","resultType":"complete",)" +
            std::string(our_meta) + R"(,"prompts":[{"name":"gh-p"}]})"
    );
}

TEST_F(Typed, lists_hold_no_longer_than_their_server_says) {
    catalog::Listing listing;
    listing.profile.has = {true, true};
    listing.hints[0] = {.ttl = std::chrono::seconds(5), .is_private = true};
    const auto freshness = std::make_shared<catalog::Freshness>();
    freshness->update(listing, around.wheel.now());
    beside.is_public = true;
    views.set({{0, "gh", "gh", std::make_shared<const catalog::Listing>(listing), freshness}});
    EXPECT_TRUE(answer("tools/list", "").contains(R"("ttlMs":5000,"cacheScope":"private")"));
    EXPECT_TRUE(answer("prompts/list", "").contains(R"("ttlMs":60000,"cacheScope":"public")"));
}

TEST_F(Typed, lists_are_public_where_everybody_sees_the_same) {
    beside.is_public = true;
    EXPECT_TRUE(answer("tools/list", "").contains(R"("cacheScope":"public")"));
}

TEST_F(Typed, what_is_not_rendered_before_gets_the_same) {
    EXPECT_TRUE(answer("server/discover", "").contains(R"("resultType":"complete","ttlMs":60000)"));
}

}  // namespace
}  // namespace gw::test
