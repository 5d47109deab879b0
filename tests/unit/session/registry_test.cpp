#include "session/registry.hpp"

#include "support/fake_surroundings.hpp"
#include "support/fake_upstreams.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class Registry : public testing::Test {
protected:
    FakeSurroundings around;
    session::SessionLimits limits{.idle_max = 600s, .uninitialized_max = 30s};
    async::SharedCount count{{.max = 3, .per_owner_max = 2}};
    FakeUpstreamsState upstreams;
    unsigned char next_secret = 0xa0;
    session::Registry registry{7, around.all, limits, count, [this](auto& bytes) {
                                   bytes.fill(next_secret++);
                               }};
    auth::Owner ann = owner("ann");
    auth::Owner bob = owner("bob");

    void SetUp() override {
        registry.make_upstreams = [this](session::Session&) {
            return std::make_unique<FakeUpstreams>(upstreams);
        };
    }

    // The new session's id, or why there is none.
    std::string open(
        const auth::Owner& who, std::string_view counted_under, bool is_initialized = true
    ) {
        auto agreed = terms({}, "");
        agreed.owner = who;
        auto made = registry.open(std::move(agreed), counted_under);
        if (!made) return to_string(made.error());
        (*made)->is_initialized = is_initialized;
        return (*made)->terms().id;
    }

    std::string find(std::string_view id, const auth::Owner& who, auth::ServerNumber server = 1) {
        const auto found = registry.find(id, who, server);
        return found ? "found" : to_string(found.error());
    }
};

constexpr auto unknown = "unknown_session: Session not found";

TEST_F(Registry, opens_a_session_under_an_id_of_shard_and_secret) {
    EXPECT_EQ(open(ann, "ann"), "0-7-a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0");
    EXPECT_EQ(open(ann, "ann"), "0-7-a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
    EXPECT_EQ(registry.size(), 2);
}

TEST_F(Registry, finds_a_session_for_its_owner_and_server_only) {
    const auto id = open(ann, "ann");
    EXPECT_EQ(find(id, ann), "found");
    EXPECT_EQ(find(id, bob), unknown);
    EXPECT_EQ(find(id, {"another issuer", "ann"}), unknown);
    EXPECT_EQ(find(id, ann, 2), unknown);
    EXPECT_EQ(find(id + "0", ann), unknown);
    EXPECT_EQ(find("", ann), unknown);
}

TEST_F(Registry, one_that_has_ended_is_found_no_more) {
    const auto id = open(ann, "ann");
    auto* const session = *registry.find(id, ann, 1);
    registry.end(*session);
    registry.end(*session);
    EXPECT_EQ(find(id, ann), unknown);
    EXPECT_TRUE(session->has_ended());
    EXPECT_TRUE(upstreams.is_closed);
    EXPECT_EQ(registry.size(), 0);
}

TEST_F(Registry, one_that_has_ended_is_there_for_those_who_use_it) {
    const auto id = open(ann, "ann");
    auto* const session = *registry.find(id, ann, 1);
    {
        const session::Use use(*session);
        registry.end(*session);
        around.pass(5s);
        EXPECT_EQ(session->terms().id, id);
    }
    around.pass(2s);
}

TEST_F(Registry, counts_sessions_per_owner_and_in_all) {
    const auto first = open(ann, "ann");
    open(ann, "ann");
    EXPECT_EQ(
        open(ann, "ann"), "too_many: your limit of sessions (sessions.max_per_principal) is reached"
    );
    open(bob, "bob");
    EXPECT_EQ(open(bob, "bob"), "too_many: the limit of sessions (sessions.max) is reached");
    registry.end(**registry.find(first, ann, 1));
    EXPECT_TRUE(open(ann, "ann").starts_with("0-7-"));
}

TEST_F(Registry, ends_what_is_idle_for_too_long) {
    const auto id = open(ann, "ann");
    around.pass(599s);
    EXPECT_EQ(find(id, ann), "found");
    around.pass(599s);
    EXPECT_EQ(registry.size(), 1);
    around.pass(3s);
    EXPECT_EQ(registry.size(), 0);
    EXPECT_EQ(find(id, ann), unknown);
}

TEST_F(Registry, ends_sooner_what_never_was_initialized) {
    const auto id = open(ann, "ann", false);
    around.pass(29s);
    EXPECT_EQ(find(id, ann), "found");  // To be used does not help.
    around.pass(3s);
    EXPECT_EQ(registry.size(), 0);
}

TEST_F(Registry, never_ends_what_is_in_use_or_has_a_call_running) {
    const auto used = open(ann, "ann");
    const auto calling = open(ann, "ann");
    session::RunningCall call{.id = "1"};
    (*registry.find(calling, ann, 1))->add(call);
    {
        const session::Use use(**registry.find(used, ann, 1));
        around.pass(700s);
        EXPECT_EQ(registry.size(), 2);
    }
    around.pass(2s);
    EXPECT_EQ(find(used, ann), unknown);
    EXPECT_EQ(find(calling, ann), "found");
}

TEST_F(Registry, drops_old_events_of_all_sessions) {
    const auto id = open(ann, "ann");
    auto& session = **registry.find(id, ann, 1);
    session.notify_changed("notifications/tools/list_changed");
    EXPECT_GT(around.budget.used(), 0);
    around.pass(62s);
    EXPECT_EQ(around.budget.used(), 0);
}

TEST_F(Registry, requests_without_a_session_share_one_per_owner_server_and_revision) {
    auto& one = registry.shared(ann, 1, mcp::Revision::r2025_03_26);
    EXPECT_EQ(&registry.shared(ann, 1, mcp::Revision::r2025_03_26), &one);
    EXPECT_NE(&registry.shared(bob, 1, mcp::Revision::r2025_03_26), &one);
    EXPECT_NE(&registry.shared({"another issuer", "ann"}, 1, mcp::Revision::r2025_03_26), &one);
    EXPECT_NE(&registry.shared(ann, 2, mcp::Revision::r2025_03_26), &one);
    EXPECT_NE(&registry.shared(ann, 1, mcp::newest_with_sessions), &one);
    EXPECT_FALSE(one.has_id());
    EXPECT_EQ(find("", ann), unknown);
    EXPECT_EQ(registry.size(), 0);
}

TEST_F(Registry, a_shared_one_ends_when_it_is_idle_and_is_made_anew) {
    registry.shared(ann, 1, mcp::newest_with_sessions);
    around.pass(602s);
    EXPECT_TRUE(upstreams.is_closed);
    upstreams.is_closed = false;
    EXPECT_FALSE(registry.shared(ann, 1, mcp::newest_with_sessions).has_ended());
}

// What clients declare decides how many there are: the type bounds it, whatever is sent.
TEST_F(Registry, shared_ones_are_as_many_as_there_are_kinds_of_clients_and_each_is_used_again) {
    const auto shared = [this](unsigned kind) {
        const auto can = std::bit_cast<mcp::ClientCapabilities>(static_cast<std::uint8_t>(kind));
        return &registry.shared(ann, 1, mcp::newest, can);
    };
    std::set<session::Session*> all;
    for (unsigned kind = 0; kind < 2 * 256; ++kind)
        all.insert(shared(kind));
    EXPECT_EQ(all.size(), 256);
    const session::Use use(*shared(0));
    EXPECT_TRUE(all.contains(shared(255)));
    int seen = 0;
    registry.each([&](session::Session&) { ++seen; });
    EXPECT_EQ(seen, 256);
}

TEST_F(Registry, drops_what_was_delivered_the_oldest_first_before_anybody_is_refused) {
    auto& one = *registry.find(open(ann, "ann"), ann, 1).value();
    auto& two = *registry.find(open(bob, "bob"), bob, 1).value();
    for (auto* session : {&one, &two, &one}) {
        auto& stream = session->get_stream();
        stream.append(Slice(std::string(100, 'x')), around.wheel.now());
        stream.deliver(stream.last());
        around.pass(1s);
    }
    const auto others = around.budget.take_now(700);
    EXPECT_FALSE(around.budget.is_exhausted());
    EXPECT_EQ(around.budget.used(), 800);
    EXPECT_EQ(one.get_stream().find(1), nullptr);
    EXPECT_EQ(two.get_stream().find(1), nullptr);
    EXPECT_NE(one.get_stream().find(2), nullptr);
}

TEST_F(Registry, whoever_keeps_the_most_gives_first_of_what_was_delivered) {
    auto& one = *registry.find(open(ann, "ann"), ann, 1).value();
    auto& two = *registry.find(open(bob, "bob"), bob, 1).value();
    for (auto* session : {&two, &one, &one, &one, &one}) {
        auto& stream = session->get_stream();
        stream.append(Slice(std::string(100, 'x')), around.wheel.now());
        stream.deliver(stream.last());
        around.pass(1s);
    }
    const auto others = around.budget.take_now(500);
    EXPECT_FALSE(around.budget.is_exhausted());
    EXPECT_EQ(one.get_stream().find(2), nullptr);
    EXPECT_NE(one.get_stream().find(3), nullptr);
    EXPECT_NE(two.get_stream().find(1), nullptr) << "it is the oldest of all, but Ann has more";
}

TEST_F(Registry, whoever_keeps_the_most_gives_what_he_does_not_read_before_others_give_anything) {
    auto& one = *registry.find(open(ann, "ann"), ann, 1).value();
    auto& two = *registry.find(open(bob, "bob"), bob, 1).value();
    for (auto* session : {&two, &one, &one, &one})
        session->get_stream().append(Slice(std::string(100, 'x')), around.wheel.now());
    two.get_stream().deliver(1);
    const auto others = around.budget.take_now(600);
    EXPECT_FALSE(around.budget.is_exhausted());
    EXPECT_EQ(one.get_stream().find(1), nullptr);
    EXPECT_NE(one.get_stream().find(2), nullptr);
    EXPECT_NE(two.get_stream().find(1), nullptr);
    const auto more = around.budget.take_now(300);
    EXPECT_FALSE(around.budget.is_exhausted());
    EXPECT_EQ(one.get_stream().find(3), nullptr);
    EXPECT_EQ(two.get_stream().find(1), nullptr);
}

TEST_F(Registry, then_drops_what_nobody_reads_but_nothing_on_its_way_to_a_client) {
    auto& one = *registry.find(open(ann, "ann"), ann, 1).value();
    auto& two = *registry.find(open(bob, "bob"), bob, 1).value();
    one.get_stream().take_turn(0);
    for (auto* session : {&one, &two})
        session->get_stream().append(Slice(std::string(100, 'x')), around.wheel.now());
    const auto others = around.budget.take_now(800);
    EXPECT_FALSE(around.budget.is_exhausted());
    EXPECT_EQ(two.get_stream().find(1), nullptr);
    const auto more = around.budget.take_now(100);
    EXPECT_TRUE(around.budget.is_exhausted());
    EXPECT_NE(one.get_stream().find(1), nullptr);
}

TEST_F(Registry, visits_all_and_ends_all) {
    open(ann, "ann");
    open(bob, "bob");
    registry.shared(ann, 1, mcp::newest_with_sessions);
    int seen = 0;
    registry.each([&](session::Session&) { ++seen; });
    EXPECT_EQ(seen, 3);
    registry.end_all();
    registry.each([&](session::Session&) { ++seen; });
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(registry.size(), 0);
}

TEST(SessionId, names_its_shard) {
    EXPECT_EQ(session::Registry::shard_of("0-7-a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"), 7);
    EXPECT_EQ(session::Registry::shard_of("0-12-" + std::string(32, 'f')), 12);
}

TEST(SessionId, that_cannot_be_ours_names_none) {
    const std::string secret(32, 'f');
    for (const auto& id :
         {std::string(),
          std::string("0-"),
          std::string("0-7"),
          std::string("0-7-"),
          "0-7-" + secret + "f",
          "0-7-" + secret.substr(1),
          "1-7-" + secret,
          "0--7-" + secret,
          "0-x-" + secret,
          "0-99999999999-" + secret,
          "07-" + secret}) {
        EXPECT_FALSE(session::Registry::shard_of(id)) << id;
    }
}

}  // namespace
}  // namespace gw::test
