#include "session/session.hpp"

#include "support/fake_surroundings.hpp"
#include "support/fake_upstreams.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

constexpr auto tools_changed = "notifications/tools/list_changed";
constexpr auto prompts_changed = "notifications/prompts/list_changed";

class Session : public testing::Test {
protected:
    FakeSurroundings around;
    FakeUpstreamsState upstreams;
    session::Session session{terms("0-0-x", "ann"), around.all};

    void SetUp() override { session.upstreams = std::make_unique<FakeUpstreams>(upstreams); }

    std::string on_get() { return events(session.get_stream()); }

    void say(session::Session& to, std::string_view method, std::string_view params) {
        EXPECT_TRUE(around.loop.run(to.notify({method, params})));
    }

    // A client reads everything that there is.
    void deliver() { session.get_stream().delivered = session.get_stream().last(); }

    // A finished answer on a stream of its own.
    session::EventStream& answered(std::string text, bool is_delivered) {
        auto& stream = session.open_stream();
        stream.append(Slice(std::move(text)), around.wheel.now());
        stream.finish();
        if (is_delivered) stream.delivered = stream.last();
        return stream;
    }
};

TEST_F(Session, what_a_server_says_outside_of_calls_goes_on_the_get_stream_on_one_line) {
    say(session, "notifications/message", "{\"level\":\n\"info\"}");
    say(session, "notifications/x", "");
    EXPECT_EQ(
        on_get(),
        R"({"method":"notifications/message","params":{"level":"info"}} {"method":"notifications/x"})"
    );
}

TEST_F(Session, has_a_limited_number_of_subscriptions_which_count_among_what_is_buffered) {
    const auto uri = [](int number) { return "f:///" + std::to_string(number); };
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(session.subscribe(uri(i)).value());
    EXPECT_FALSE(session.subscribe(uri(7)).value());
    EXPECT_EQ(session.subscribe(uri(1000)).error().kind, Errc::too_many);
    session.unsubscribe(uri(7));
    EXPECT_TRUE(session.subscribe(uri(1000)).value());
    EXPECT_GT(around.budget.used(), 5000U);
    for (int i = 0; i < 1001; ++i)
        session.unsubscribe(uri(i));
    EXPECT_EQ(around.budget.used(), 0U);
}

TEST_F(Session, tells_of_a_change_once_until_the_client_has_heard_of_it) {
    session.notify_changed(tools_changed);
    session.notify_changed(tools_changed);
    session.notify_changed(prompts_changed);
    EXPECT_EQ(
        on_get(),
        R"({"method":"notifications/tools/list_changed"} )"
        R"({"method":"notifications/prompts/list_changed"})"
    );
    deliver();
    session.notify_changed(tools_changed);
    EXPECT_EQ(session.get_stream().last(), 3);
}

TEST_F(Session, tells_of_a_change_again_when_the_notice_before_has_expired_unread) {
    session.notify_changed(tools_changed);
    around.pass(61s);
    session.expire(around.wheel.now());
    EXPECT_EQ(on_get(), "");
    session.notify_changed(tools_changed);
    EXPECT_EQ(on_get(), R"({"method":"notifications/tools/list_changed"})");
}

TEST_F(Session, tells_of_a_change_again_when_the_notice_before_has_fallen_off_unread) {
    session.notify_changed(tools_changed);
    for (int i = 0; i < 4; ++i)
        say(session, "notifications/x", "");
    session.notify_changed(tools_changed);
    EXPECT_TRUE(on_get().ends_with(R"({"method":"notifications/tools/list_changed"})")) << on_get();
}

TEST_F(Session, tells_of_nothing_that_is_no_list) {
    session.notify_changed("notifications/message");
    session.notify_changed("");
    EXPECT_EQ(on_get(), "");
}

TEST_F(Session, says_nothing_where_there_is_no_session_or_it_has_ended) {
    session::Session shared(terms({}, "ann"), around.all);
    shared.notify_changed(tools_changed);
    say(shared, "notifications/x", "");
    EXPECT_EQ(events(shared.get_stream()), "");
    session.end();
    session.notify_changed(tools_changed);
    say(session, "notifications/x", "");
    EXPECT_EQ(on_get(), "");
}

TEST_F(Session, finds_its_streams_by_number) {
    auto& one = session.open_stream();
    auto& two = session.open_stream();
    EXPECT_NE(one.number(), two.number());
    EXPECT_EQ(session.find_stream(one.number()), &one);
    EXPECT_EQ(session.find_stream(two.number()), &two);
    EXPECT_EQ(session.find_stream(0), &session.get_stream());
    EXPECT_EQ(session.find_stream(99), nullptr);
    session.drop_stream(one);
    EXPECT_EQ(session.find_stream(1), nullptr);
}

TEST_F(Session, keeps_an_answer_that_was_not_delivered_until_it_is_too_old) {
    const auto number = answered("{}", false).number();
    for (int i = 0; i < 40; ++i)
        answered("{}", true);
    around.pass(60s);
    session.expire(around.wheel.now());
    EXPECT_NE(session.find_stream(number), nullptr);
    around.pass(1s);
    session.expire(around.wheel.now());
    EXPECT_EQ(session.find_stream(number), nullptr);
}

TEST_F(Session, keeps_the_newest_of_what_was_delivered_within_its_bytes) {
    std::uint32_t last = 0;
    for (int i = 0; i < 300; ++i)
        last = answered("{}", true).number();
    session.open_stream();
    EXPECT_NE(session.find_stream(last), nullptr);
    EXPECT_NE(session.find_stream(last - 2), nullptr);
    EXPECT_EQ(session.find_stream(1), nullptr);
}

TEST_F(Session, keeps_nothing_that_was_delivered_when_memory_is_short) {
    const auto number = answered("{}", true).number();
    const auto hold = around.budget.take_now(600);
    session.open_stream();
    EXPECT_EQ(session.find_stream(number), nullptr);
}

TEST_F(Session, never_drops_a_stream_that_is_in_use) {
    auto& stream = answered("{}", true);
    ++stream.users;
    for (int i = 0; i < 40; ++i)
        answered("{}", true);
    around.pass(61s);
    session.expire(around.wheel.now());
    EXPECT_EQ(session.find_stream(stream.number()), &stream);
    --stream.users;
}

TEST_F(Session, an_open_stream_stays_although_its_events_are_too_old) {
    auto& stream = session.open_stream();
    stream.append(Slice(std::string("{}")), around.wheel.now());
    around.pass(61s);
    session.expire(around.wheel.now());
    EXPECT_EQ(session.find_stream(stream.number()), &stream);
    EXPECT_EQ(events(stream), "");
}

class Withdrawn final : public mcp::Withdrawable {
public:
    int times = 0;

    void withdraw() override { ++times; }
};

TEST_F(Session, withdraws_the_call_that_the_client_names_and_no_other) {
    Withdrawn peer;
    session::RunningCall one{.id = "1"};
    session::RunningCall text{.id = "\"1\""};
    one.peer = &peer;
    session.add(one);
    session.add(text);
    EXPECT_EQ(session.running(), 2);
    session.withdraw("2", "");
    EXPECT_EQ(peer.times, 0);
    session.withdraw("1", "had enough");
    session.withdraw("1", "still had enough");
    EXPECT_EQ(peer.times, 1);
    EXPECT_EQ(peer.reason(), "had enough");
    EXPECT_TRUE(one.is_withdrawn);
    EXPECT_FALSE(text.is_withdrawn);
}

TEST_F(Session, keeps_a_stream_that_somebody_still_uses) {
    auto& stream = session.open_stream();
    ++stream.users;
    session.drop_stream(stream);
    EXPECT_EQ(session.stream_count(), 1);
    --stream.users;
    session.drop_stream(stream);
    EXPECT_EQ(session.stream_count(), 0);
}

TEST_F(Session, a_call_that_has_returned_is_forgotten) {
    {
        session::RunningCall call{.id = "1"};
        session.add(call);
    }
    EXPECT_EQ(session.running(), 0);
    session.withdraw("1", "");
}

TEST_F(Session, its_end_withdraws_calls_finishes_the_stream_and_closes_upstream_sessions) {
    Withdrawn peer;
    session::RunningCall call{.id = "1"};
    call.peer = &peer;
    session.add(call);
    session.end();
    session.end();
    EXPECT_EQ(peer.times, 1);
    EXPECT_TRUE(session.has_ended() && session.get_stream().is_finished() && upstreams.is_closed);
}

}  // namespace
}  // namespace gw::test
