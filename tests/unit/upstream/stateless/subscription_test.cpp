#include "upstream/stateless/subscription.hpp"

#include "unit/upstream/duplex/duplex_fixture.hpp"

#include <algorithm>
#include <memory>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A server whose streams the test speaks on.
class FakeSource final : public Subscription::Source {
public:
    struct Open final : mcp::Withdrawable {
        Open(async::Loop& loop, std::string text, mcp::Exchange& to)
            : params(std::move(text)), hearer(to), ended(loop) {}

        void withdraw() override {
            is_withdrawn = true;
            ended.set();
        }

        std::string params;
        mcp::Exchange& hearer;
        async::Event ended;
        bool is_withdrawn = false;
        std::string refusal;
    };

    explicit FakeSource(async::Loop& loop) : loop_(loop) {}

    Task<Result<mcp::Answer>> listen(const mcp::Request& request, mcp::Exchange& hearer) override {
        opened.push_back(std::make_unique<Open>(loop_, request.params.str(), hearer));
        auto& open = *opened.back();
        hearer.set_withdrawable(&open);
        co_await open.ended.wait();
        hearer.set_withdrawable(nullptr);
        if (open.is_withdrawn) co_return fail(Errc::cancelled, "withdrawn");
        if (!open.refusal.empty()) co_return mcp::Refused{Slice(open.refusal)};
        co_return fail(Errc::upstream_failed, "broke");
    }

    std::vector<std::unique_ptr<Open>> opened;

private:
    async::Loop& loop_;
};

class SubscriptionTest : public testing::Test {
protected:
    ~SubscriptionTest() override {
        loop.run(subscription.close());
        loop.settle();
    }

    // Starts resources/subscribe or unsubscribe; the outcome is in outcomes, when there is one.
    std::string& start(std::string_view uri, bool is_end = false) {
        auto& text = start_soon(uri, is_end);
        loop.settle();
        return text;
    }

    // The same, together with what is started next.
    std::string& start_soon(std::string_view uri, bool is_end = false) {
        auto& text = outcomes.emplace_back("waiting");
        calls.spawn(keep(subscription, std::string(uri), is_end, text, wheel.now() + 5s));
        return text;
    }

    // The resources that a request asks for.
    std::string asked(std::size_t stream) const {
        const std::string_view begin = R"({"notifications":{"resourceSubscriptions":)";
        const auto& params = source.opened.at(stream)->params;
        if (!params.starts_with(begin)) return params;
        return params.substr(begin.size(), params.size() - begin.size() - 2);
    }

    void say(std::size_t stream, std::string_view method, std::string_view params) {
        calls.spawn(say(source.opened.at(stream)->hearer, std::string(method), std::string(params))
        );
        loop.settle();
    }

    void acknowledge(std::size_t stream, std::string_view honoured) {
        say(stream,
            "notifications/subscriptions/acknowledged",
            R"({"notifications":)" + std::string(honoured) + "}");
    }

    void end(std::size_t stream, std::string refusal = {}) {
        source.opened.at(stream)->refusal = std::move(refusal);
        source.opened.at(stream)->ended.set();
        loop.settle();
    }

    void pass(std::chrono::milliseconds time) {
        wheel.advance(wheel.now() + time);
        loop.settle();
    }

    static Task<> keep(
        Subscription& of, std::string uri, bool is_end, std::string& to, TimePoint deadline
    ) {
        const auto params = R"({"uri":")" + uri + R"("})";
        const mcp::Request request{
            .method = "resources/subscribe",
            .params = std::string_view(params),
            .deadline = deadline
        };
        mcp::Nobody nobody;
        const auto answer =
            is_end ? of.unsubscribe(request) : co_await of.subscribe(request, nobody);
        if (!answer) {
            to = to_string(answer.error());
        } else if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
            to = std::string(refused->error.view());
        } else {
            to = std::string(std::get<mcp::Completed>(*answer).result.view());
        }
    }

    static Task<> say(mcp::Exchange& to, std::string method, std::string params) {
        EXPECT_TRUE(co_await to.notify({.method = method, .params = params}));
    }

    static Task<> hear(Subscription& of, bool& done) {
        co_await of.hear({.tools = true, .prompts = false, .resources = true, .uris = {}});
        done = true;
    }

    test::ManualLoop loop;
    async::Wheel wheel{TimePoint(std::chrono::hours(1))};
    FakeSource source{loop};
    Caller outside{loop};
    std::deque<std::string> outcomes;
    async::Gate calls{loop};
    Subscription subscription{loop, wheel, source, outside};
};

constexpr std::string_view updated = "notifications/resources/updated";

TEST_F(SubscriptionTest, answers_after_the_acknowledgement) {
    const auto& outcome = start("x://a");
    ASSERT_EQ(source.opened.size(), 1U);
    EXPECT_EQ(source.opened[0]->params, R"({"notifications":{"resourceSubscriptions":["x://a"]}})");
    say(0, updated, R"({"uri":"x://a"})");  // Too early.
    EXPECT_EQ(outcome, "waiting");
    acknowledge(0, R"({"resourceSubscriptions":["x://a"]})");
    EXPECT_EQ(outcome, "{}");
    say(0, updated, R"({"uri":"x://a","_meta":{"io.modelcontextprotocol/subscriptionId":1}})");
    EXPECT_EQ(outside.heard, Lines{R"(notifications/resources/updated {"uri":"x://a"})"});
}

TEST_F(SubscriptionTest, refuses_what_the_server_does_not_honour) {
    const auto& outcome = start("x://a");
    acknowledge(0, "{}");
    EXPECT_EQ(
        outcome, R"({"code":-32602,"message":"the server does not send updates of this resource"})"
    );
    start("x://b");
    EXPECT_EQ(
        source.opened.at(1)->params, R"({"notifications":{"resourceSubscriptions":["x://b"]}})"
    );
}

TEST_F(SubscriptionTest, asks_for_what_comes_later_by_itself) {
    const auto& silent = start("x://silent");
    const auto& outcome = start("x://b");
    ASSERT_EQ(source.opened.size(), 2U);
    EXPECT_EQ(asked(0), R"(["x://silent"])");
    EXPECT_EQ(asked(1), R"(["x://b"])");
    acknowledge(1, R"({"resourceSubscriptions":["x://b"]})");
    EXPECT_EQ(outcome, "{}");
    EXPECT_EQ(silent, "waiting");
}

TEST_F(SubscriptionTest, withdraws_what_nobody_waits_for_any_more) {
    const auto& outcome = start("x://a");
    pass(5100ms);
    EXPECT_EQ(outcome, "timed_out: Upstream server did not answer in time");
    EXPECT_TRUE(source.opened.at(0)->is_withdrawn);
    pass(120s);
    EXPECT_EQ(source.opened.size(), 1U);
}

TEST_F(SubscriptionTest, puts_one_stream_in_the_place_of_many_when_that_is_acknowledged) {
    const Lines all{"x://a", "x://b", "x://c", "x://d", "x://e"};
    for (std::size_t i = 0; i < all.size(); ++i) {
        start(all[i]);
        EXPECT_EQ(source.opened.size(), i + 1);
        acknowledge(i, R"({"resourceSubscriptions":[")" + all[i] + R"("]})");
    }
    constexpr auto together = R"(["x://a","x://b","x://c","x://d","x://e"])";
    ASSERT_EQ(source.opened.size(), 6U);
    EXPECT_EQ(asked(5), together);
    EXPECT_FALSE(source.opened[0]->is_withdrawn);
    say(0, updated, R"({"uri":"x://a"})");
    EXPECT_EQ(outside.heard.size(), 1U);
    acknowledge(5, R"({"resourceSubscriptions":)" + std::string(together) + "}");
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_TRUE(source.opened[i]->is_withdrawn);
    EXPECT_FALSE(source.opened[5]->is_withdrawn);
}

TEST_F(SubscriptionTest, keeps_many_streams_when_the_server_refuses_one_in_their_place) {
    for (std::size_t i = 0; i < 5; ++i) {
        const auto uri = "x://" + std::to_string(i);
        start(uri);
        acknowledge(i, R"({"resourceSubscriptions":[")" + uri + R"("]})");
    }
    end(5, R"({"code":-32602,"message":"one at a time"})");
    pass(120s);
    EXPECT_EQ(source.opened.size(), 6U);
    say(3, updated, R"({"uri":"x://3"})");
    EXPECT_EQ(outside.heard.size(), 1U);
}

TEST_F(SubscriptionTest, tries_the_halves_of_what_the_server_refuses) {
    std::vector<std::string*> outcomes_of;
    for (const auto* const uri : {"x://a", "x://b", "x://c", "x://d"})
        outcomes_of.push_back(&start_soon(uri));
    loop.settle();
    ASSERT_EQ(source.opened.size(), 1U);
    constexpr auto refusal = R"({"code":-32602,"message":"no such resource"})";
    end(0, refusal);
    ASSERT_EQ(source.opened.size(), 3U);
    EXPECT_EQ(asked(1), R"(["x://a","x://b"])");
    EXPECT_EQ(asked(2), R"(["x://c","x://d"])");
    acknowledge(1, R"({"resourceSubscriptions":["x://a","x://b"]})");
    end(2, refusal);
    ASSERT_EQ(source.opened.size(), 5U);
    end(3, refusal);
    acknowledge(4, R"({"resourceSubscriptions":["x://d"]})");
    EXPECT_EQ(*outcomes_of[0], "{}");
    EXPECT_EQ(*outcomes_of[1], "{}");
    EXPECT_EQ(*outcomes_of[2], "upstream_failed: upstream does not send change notifications");
    EXPECT_EQ(*outcomes_of[3], "{}");
    pass(120s);
    EXPECT_EQ(source.opened.size(), 5U);
}

TEST_F(SubscriptionTest, bounds_how_often_it_asks_for_parts_of_what_the_server_refuses) {
    for (int i = 0; i < 200; ++i)
        start_soon("x://" + std::to_string(i));
    loop.settle();
    for (std::size_t i = 0; i < source.opened.size(); ++i)
        end(i, R"({"code":-32602,"message":"no"})");
    EXPECT_LE(source.opened.size(), 200U);
    EXPECT_EQ(std::ranges::count(outcomes, "waiting"), 0);
}

TEST_F(SubscriptionTest, refuses_more_streams_than_the_server_leaves_unanswered) {
    for (std::size_t i = 0; i < Subscription::streams_max; ++i)
        start("x://" + std::to_string(i));
    EXPECT_EQ(source.opened.size(), Subscription::streams_max);
    EXPECT_EQ(start("x://more"), "too_many: too many subscriptions wait for the upstream server");
}

TEST_F(SubscriptionTest, tells_nothing_of_what_was_unsubscribed_before_the_server_knows) {
    start_soon("x://a");
    start("x://b");
    acknowledge(0, R"({"resourceSubscriptions":["x://a","x://b"]})");
    EXPECT_EQ(start("x://a", true), "{}");
    EXPECT_EQ(asked(1), R"(["x://b"])");
    say(0, updated, R"({"uri":"x://a"})");
    EXPECT_EQ(outside.heard, Lines());
    say(0, updated, R"({"uri":"x://b"})");
    EXPECT_EQ(outside.heard.size(), 1U);
    acknowledge(1, R"({"resourceSubscriptions":["x://b"]})");
    EXPECT_TRUE(source.opened[0]->is_withdrawn);
}

TEST_F(SubscriptionTest, ends_the_stream_when_nothing_is_wanted_any_more) {
    start("x://a");
    acknowledge(0, R"({"resourceSubscriptions":["x://a"]})");
    EXPECT_EQ(start("x://a", true), "{}");
    EXPECT_TRUE(source.opened[0]->is_withdrawn);
    pass(120s);
    EXPECT_EQ(source.opened.size(), 1U);
}

TEST_F(SubscriptionTest, listens_again_with_growing_pauses_and_tells_what_may_have_been_missed) {
    bool is_heard = false;
    calls.spawn(hear(subscription, is_heard));
    loop.settle();
    EXPECT_EQ(
        source.opened.at(0)->params,
        R"({"notifications":{"toolsListChanged":true,"resourcesListChanged":true}})"
    );
    acknowledge(0, R"({"toolsListChanged":true})");
    EXPECT_TRUE(is_heard);
    end(0);
    pass(900ms);
    EXPECT_EQ(source.opened.size(), 1U);
    pass(200ms);
    EXPECT_EQ(source.opened.size(), 2U);
    end(1);
    pass(1900ms);
    EXPECT_EQ(source.opened.size(), 2U);
    pass(200ms);
    ASSERT_EQ(source.opened.size(), 3U);
    EXPECT_EQ(outside.heard, Lines());
    acknowledge(2, R"({"toolsListChanged":true})");
    EXPECT_EQ(outside.heard, Lines{"notifications/tools/list_changed "});
}

TEST_F(SubscriptionTest, does_not_try_again_what_the_server_refuses) {
    const auto& outcome = start("x://a");
    end(0, R"({"code":-32601,"message":"no"})");
    EXPECT_EQ(outcome, "upstream_failed: upstream does not send change notifications");
    pass(120s);
    EXPECT_EQ(source.opened.size(), 1U);
    start("x://b");
    EXPECT_EQ(source.opened.size(), 2U);
}

TEST_F(SubscriptionTest, tries_again_after_an_error_that_may_pass) {
    start("x://a");
    acknowledge(0, R"({"resourceSubscriptions":["x://a"]})");
    end(0);
    pass(1100ms);
    for (const std::size_t refused : {1U, 2U}) {
        ASSERT_EQ(source.opened.size(), refused + 1);
        end(refused, R"({"code":-32603,"message":"starting up"})");
        pass(10s);
    }
    EXPECT_EQ(source.opened.size(), 4U);
}

TEST_F(SubscriptionTest, tells_of_each_resource_that_may_have_changed_while_nobody_heard) {
    start_soon("x://a");
    start("x://b");
    acknowledge(0, R"({"resourceSubscriptions":["x://a","x://b"]})");
    EXPECT_EQ(outside.heard, Lines());
    end(0);
    pass(1100ms);
    acknowledge(1, R"({"resourceSubscriptions":["x://a"]})");
    EXPECT_EQ(
        outside.heard,
        (Lines{
            R"(notifications/resources/updated {"uri":"x://a"})",
            R"(notifications/resources/updated {"uri":"x://b"})"
        })
    );
}

TEST_F(SubscriptionTest, waits_for_changes_to_be_heard_of_but_not_for_long) {
    bool is_heard = false;
    calls.spawn(hear(subscription, is_heard));
    loop.settle();
    pass(250ms);
    EXPECT_FALSE(is_heard);
    pass(100ms);
    EXPECT_TRUE(is_heard);
    acknowledge(0, R"({"toolsListChanged":true})");
    say(0, "notifications/tools/list_changed", "{}");
    EXPECT_EQ(outside.heard.size(), 1U);
}

}  // namespace
}  // namespace gw::upstream
