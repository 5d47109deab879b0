#include "gateway/parks.hpp"

#include "calling.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#else
#include <malloc.h>
#endif

namespace gw::test {
namespace {

using namespace std::chrono_literals;

std::size_t allocated() {
#if __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

class NoHeaders final : public gateway::Headers {
public:
    std::optional<std::string_view> value(std::string_view) const override { return {}; }

    void each(const Visit&) const override {}
};

// A server that asks its client before it answers.
class AskingPeer final : public mcp::Peer {
public:
    std::string_view name() const override { return "gh"; }

    Task<Result<mcp::Answer>> call(mcp::Request&&, mcp::Exchange& caller) override {
        Running running(co_await this_fiber());
        caller.set_withdrawable(&running);
        constexpr auto params = R"({"message":"Name?"})";
        auto answer = co_await caller.ask({.method = "elicitation/create", .params = params});
        caller.set_withdrawable(nullptr);
        why = running.reason();
        ++ended;
        co_return answer;
    }

    void notify(std::string_view, std::string_view) override {}

    std::size_t ended = 0;
    std::string why;  // The last one was withdrawn.

private:
    struct Running final : mcp::Withdrawable {
        explicit Running(Fiber& waiting) : fiber(waiting) {}

        void withdraw() override { fiber.cancel(); }

        Fiber& fiber;
    };
};

// A server that says nothing.
class SilentPeer final : public mcp::Peer {
public:
    explicit SilentPeer(async::Loop& loop) : never_(loop) {}

    std::string_view name() const override { return "gh"; }

    Task<Result<mcp::Answer>> call(mcp::Request&&, mcp::Exchange&) override {
        co_await never_.wait();
        co_return fail(Errc::cancelled, "nobody waits any more");
    }

    void notify(std::string_view, std::string_view) override {}

private:
    async::Event never_;
};

class Parks : public Calling {
protected:
    Parks() {
        revision = mcp::Revision::r2026_07_28;
        session_id = "";
        capabilities.elicitation_form = true;
        open();
    }

    ~Parks() override {
        gate.spawn(parks.close());
        while (gate.running() > 0)
            around.pass(10ms);
    }

    // Begins `count` calls of `owner`, and lets them come to their questions.
    void begin(std::string owner, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            gate.spawn(call(owner));
        around.loop.settle();
        for (int i = 0; i < 10; ++i)
            around.pass(async::Wheel::tick);
        EXPECT_EQ(gate.running(), 0U);
    }

    Task<> call(std::string owner) {
        const std::string message =
            R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"n"}})";
        mcp::Scan scan;
        EXPECT_TRUE(mcp::scan(message, scan));
        const gateway::Stateless beside{headers, parks, seal, owner, false};
        gateway::Call request{
            .session = *session,
            .principal = ann,
            .views = views,
            .caller = caller,
            .message = message,
            .scan = scan,
            .task_seal = task_seal,
            .request = {.method = "tools/call", .params = scan[mcp::Part::params].of(message)},
            .stateless = &beside,
            .server = {mcp::PeerHandle(), server}
        };
        const auto answer = co_await parks.begin(request);
        const bool is_parked = answer && std::holds_alternative<mcp::InputRequired>(*answer);
        outcomes.push_back(is_parked ? "parked" : bytes(answer));
    }

    auth::PrincipalHandle ann = principal("ann");
    NoHeaders headers;
    gateway::StateSeal seal{gateway::StateSeal::Key{1}};
    gateway::ParkLimits limits{.time = 1min};
    async::LimitedQueue queue{{.max = 10'000, .per_owner_max = 2000}};
    std::vector<async::LimitedQueue::Member> told;
    gateway::Parks
        parks{around.loop, around.wheel, 0, seal, limits, queue, [this](const auto& member) {
                  told.push_back(member);
              }};
    AskingPeer peer;
    mcp::Peer* server = &peer;
    async::Gate gate{around.loop};
    std::vector<std::string> outcomes;
};

TEST_F(Parks, end_after_the_requests_that_wait_for_their_calls) {
    SilentPeer silent(around.loop);
    server = &silent;
    gate.spawn(call("ann"));
    around.loop.settle();
    gate.spawn(parks.close());
    while (gate.running() > 0)
        around.pass(10ms);
    EXPECT_EQ(outcomes, std::vector<std::string>{"cancelled: nobody waits any more"});
    gate.spawn(call("ann"));
    around.loop.settle();
    EXPECT_EQ(outcomes.size(), 2U);
}

TEST_F(Parks, cost_at_most_16_KiB_each_beside_the_upstream_session) {
    begin("ann", 1);
    outcomes.reserve(2000);
    constexpr std::size_t count = 1000;
    const auto before = allocated();
    begin("ann", count);
    const auto each = (allocated() - before) / count;
    EXPECT_EQ(outcomes, std::vector<std::string>(count + 1, "parked"));
    EXPECT_EQ(parks.size(), count + 1);
    EXPECT_LE(each, 16 * 1024U);
    RecordProperty("bytes", static_cast<int>(each));
}

TEST_F(Parks, of_one_owner_are_limited_and_the_one_that_waits_longest_gives_way) {
    queue.set_limits({.max = 10'000, .per_owner_max = 3});
    begin("bob", 1);
    begin("ann", 3);
    EXPECT_EQ(peer.ended, 0U);
    begin("ann", 2);
    EXPECT_EQ(outcomes, std::vector<std::string>(6, "parked"));
    EXPECT_EQ(peer.ended, 2U);
    EXPECT_EQ(parks.size(), 4U);
    EXPECT_EQ(parks.counters().abandoned, 2U);
}

TEST_F(Parks, of_all_are_limited_and_who_parks_loses_his_own_first) {
    queue.set_limits({.max = 3, .per_owner_max = 2000});
    begin("ann", 1);
    begin("bob", 2);
    begin("bob", 1);
    EXPECT_EQ(peer.ended, 1U);
    EXPECT_EQ(parks.size(), 3U);
    begin("cyd", 1);  // She has none: the longest of all is Ann's.
    EXPECT_EQ(peer.ended, 2U);
    around.pass(61s);
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(outcomes, std::vector<std::string>(5, "parked"));
}

TEST_F(Parks, of_another_shard_give_way_too_and_that_one_is_told) {
    queue.set_limits({.max = 10, .per_owner_max = 1});
    queue.join("ann", 5, 99);
    begin("ann", 1);
    EXPECT_EQ(outcomes, std::vector<std::string>{"parked"});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].shard, 5U);
    EXPECT_EQ(told[0].id, 99U);
    EXPECT_EQ(queue.size(), 1U);
}

TEST_F(Parks, give_way_to_one_of_another_shard_when_they_are_told) {
    queue.set_limits({.max = 10, .per_owner_max = 1});
    begin("ann", 1);
    auto member = queue.join("ann", 5, 99).gave_way.at(0);
    auto older = member;
    --older.turn;
    parks.give_way(older);
    EXPECT_EQ(parks.size(), 1U) << "it waits in another turn";
    parks.give_way(member);
    parks.give_way(member);
    around.loop.settle();
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(peer.ended, 1U);
    EXPECT_EQ(peer.why, "it gave way to newer calls");
    EXPECT_EQ(queue.size(), 1U);
}

TEST_F(Parks, of_a_session_that_has_ended_are_withdrawn) {
    const auto has_ended = [](const gateway::ParkedCall& call) {
        return call.session().has_ended();
    };
    begin("ann", 2);
    parks.drop_where(has_ended);
    EXPECT_EQ(parks.size(), 2U);
    session->end();
    parks.drop_where(has_ended);
    around.loop.settle();
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(peer.ended, 2U);
}

TEST_F(Parks, of_a_server_that_was_removed_are_withdrawn) {
    const auto is_removed = [](const gateway::ParkedCall& call) {
        return call.identity().server->name() == "gh";
    };
    begin("ann", 2);
    parks.drop_where(is_removed);
    around.loop.settle();
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(peer.ended, 2U);
    EXPECT_EQ(peer.why, "what was called is not there any more");
}

TEST_F(Parks, count_what_they_keep_among_what_is_buffered) {
    const auto before = around.budget.used();
    begin("ann", 1);
    EXPECT_GT(around.budget.used(), before);
    around.pass(61s);
    EXPECT_EQ(around.budget.used(), before);
}

TEST_F(Parks, end_when_nobody_comes_back_in_time) {
    begin("ann", 2);
    around.pass(59s);
    EXPECT_EQ(parks.size(), 2U);
    around.pass(2s);
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(parks.counters().abandoned, 2U);
    EXPECT_EQ(peer.why, "the client did not come back in time");
}

TEST_F(Parks, end_with_the_gateway) {
    begin("ann", 2);
    gate.spawn(parks.close());
    around.pass(10ms);
    around.pass(10ms);
    EXPECT_EQ(parks.size(), 0U);
    EXPECT_EQ(peer.ended, 2U);
}

}  // namespace
}  // namespace gw::test
