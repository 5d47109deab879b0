#include "upstream/session/shared_subscriptions.hpp"

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace gw::upstream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A server that answers when the test says so.
class SlowServer final : public mcp::Peer {
public:
    SlowServer(async::Loop& loop, async::Wheel& wheel) : loop_(loop), wheel_(wheel) {}

    std::string_view name() const override { return "it"; }

    struct Request final : mcp::Withdrawable {
        explicit Request(async::Loop& loop) : answered(loop) {}

        void withdraw() override {
            is_withdrawn = true;
            answered.set();
        }

        async::Event answered;
        bool is_refused = false;
        bool is_withdrawn = false;
    };

    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override {
        heard.push_back(std::string(request.method.substr(10)) + " " + request.params.str());
        const auto self = requests.emplace_back(std::make_shared<Request>(loop_));
        const async::Deadline deadline(wheel_, request.deadline, co_await this_fiber());
        caller.set_withdrawable(self.get());
        const bool was_answered = co_await self->answered.wait();
        caller.set_withdrawable(nullptr);
        if (self->is_withdrawn) co_return fail(Errc::cancelled, "withdrawn");
        if (!was_answered) co_return deadline.stopped("it");
        if (self->is_refused) co_return mcp::Refused{Slice(std::string(R"({"code":1})"))};
        co_return mcp::Completed{Slice(std::string("{}"))};
    }

    void notify(std::string_view /*method*/, std::string_view /*params*/) override {}

    void answer(std::size_t which, bool is_refused = false) {
        requests.at(which)->is_refused = is_refused;
        requests.at(which)->answered.set();
    }

    Lines heard;
    std::vector<std::shared_ptr<Request>> requests;

private:
    async::Loop& loop_;
    async::Wheel& wheel_;
};

class SharedSubscriptionsTest : public testing::Test {
protected:
    ~SharedSubscriptionsTest() override {
        loop.run(subscriptions.close());
        loop.settle();
        EXPECT_EQ(listeners.running(), 0U);
    }

    // A listener of `resource` begins; the text becomes what comes of it.
    std::string& listen(std::string resource) {
        auto& text = outcomes.emplace_back("waiting");
        listeners.spawn(keep(subscriptions, std::move(resource), text));
        loop.settle();
        return text;
    }

    void leave(const std::string& resource) {
        subscriptions.unsubscribe(resource);
        loop.settle();
    }

    void answer(std::size_t which, bool is_refused = false) {
        server.answer(which, is_refused);
        loop.settle();
    }

    void pass(std::chrono::milliseconds time) {
        wheel.advance(wheel.now() + time);
        loop.settle();
    }

    static Task<> keep(SharedSubscriptions& of, std::string resource, std::string& outcome) {
        const auto done = co_await of.subscribe(std::move(resource));
        outcome = done ? "subscribed" : to_string(done.error());
    }

    test::ManualLoop loop;
    async::Wheel wheel{TimePoint(1h)};
    SlowServer server{loop, wheel};
    std::deque<std::string> outcomes;
    async::Gate listeners{loop};
    bool may_take_back = false;
    SharedSubscriptions subscriptions{loop, wheel, server, 10s, [this] { return may_take_back; }};
};

TEST_F(SharedSubscriptionsTest, tell_the_server_of_the_first_and_of_the_last_listener) {
    auto& first = listen("a");
    auto& second = listen("a");
    EXPECT_EQ(first, "waiting");
    answer(0);
    EXPECT_EQ(first, "subscribed");
    EXPECT_EQ(second, "subscribed");
    EXPECT_EQ(listen("a"), "subscribed");
    leave("a");
    leave("a");
    EXPECT_EQ(server.heard, Lines{"subscribe a"});
    leave("a");
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a"}));
    answer(1);
    EXPECT_EQ(subscriptions.size(), 0U);
}

TEST_F(SharedSubscriptionsTest, subscribe_to_all_resources_at_the_same_time) {
    for (const auto* const resource : {"a", "b", "c"})
        listen(resource);
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "subscribe b", "subscribe c"}));
}

TEST_F(
    SharedSubscriptionsTest, subscribe_anew_for_a_listener_that_comes_while_the_last_one_leaves
) {
    listen("a");
    answer(0);
    leave("a");
    auto& next = listen("a");
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a"}));
    EXPECT_EQ(next, "waiting");
    answer(1);
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a", "subscribe a"}));
    answer(2);
    EXPECT_EQ(next, "subscribed");
    EXPECT_EQ(server.heard.size(), 3U);
}

TEST_F(SharedSubscriptionsTest, undo_what_nobody_waits_for_any_more) {
    auto& listener = listen("a");
    listeners.cancel();
    loop.settle();
    EXPECT_EQ(listener, "cancelled: the request was withdrawn");
    answer(0);
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a"}));
    answer(1);
    EXPECT_EQ(subscriptions.size(), 0U);
}

TEST_F(SharedSubscriptionsTest, take_back_what_nobody_waits_for_any_more_where_that_undoes_it) {
    may_take_back = true;
    listen("a");
    listeners.cancel();
    loop.settle();
    EXPECT_TRUE(server.requests.at(0)->is_withdrawn);
    EXPECT_EQ(server.heard, Lines{"subscribe a"});
    EXPECT_EQ(subscriptions.size(), 0U);
}

TEST_F(SharedSubscriptionsTest, ask_anew_for_whoever_comes_while_a_request_is_taken_back) {
    may_take_back = true;
    listen("a");
    listeners.cancel();
    auto& next = outcomes.emplace_back("waiting");
    async::Gate other(loop);
    other.spawn(keep(subscriptions, "a", next));
    loop.settle();
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "subscribe a"}));
    answer(1);
    EXPECT_EQ(next, "subscribed");
}

TEST_F(SharedSubscriptionsTest, tell_all_who_wait_that_the_server_refused) {
    auto& first = listen("a");
    auto& second = listen("a");
    answer(0, true);
    EXPECT_EQ(first, "upstream_failed: the server refused to subscribe");
    EXPECT_EQ(second, first);
    EXPECT_EQ(server.heard, Lines{"subscribe a"});
    EXPECT_EQ(subscriptions.size(), 0U);
    listen("a");
    EXPECT_EQ(server.heard.size(), 2U);
}

TEST_F(SharedSubscriptionsTest, bound_each_request_and_undo_one_that_was_not_answered) {
    auto& listener = listen("a");
    pass(11s);
    EXPECT_EQ(listener, "timed_out: it did not answer in time");
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a"}));
    auto& next = listen("a");
    pass(11s);
    EXPECT_EQ(server.heard, (Lines{"subscribe a", "unsubscribe a", "subscribe a"}));
    answer(2);
    EXPECT_EQ(next, "subscribed");
}

TEST_F(SharedSubscriptionsTest, end_whoever_waits_when_they_are_closed) {
    auto& listener = listen("a");
    loop.run(subscriptions.close());
    loop.settle();
    EXPECT_EQ(listener, "cancelled: the upstream session was closed");
    EXPECT_EQ(listen("a"), "cancelled: the upstream session was closed");
    leave("a");
    EXPECT_EQ(server.heard, Lines{"subscribe a"});
}

}  // namespace
}  // namespace gw::upstream
