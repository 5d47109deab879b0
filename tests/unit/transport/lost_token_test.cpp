// What becomes of what runs when the token that it was begun with is good no more.
#include "serving.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <tuple>

namespace gw::test {
namespace {

class LostToken : public Serving {
protected:
    async::Event begins{shard};

    void lose() { authority->gone = "ann"; }

    // As it is done once a second.
    void look_through() {
        sessions.each([this](session::Session& each) {
            each.end_invalid([this](const auth::Principal& who) {
                return who.name != authority->gone;
            });
        });
        settle();
    }

    void tell(std::string_view list) {
        session->notify_changed(list);
        settle();
    }

    Task<> say_twice(mcp::Exchange& caller) {
        for (const std::string_view text : {"first", "second"}) {
            const auto params = R"({"level":"info","data":")" + std::string(text) + "\"}";
            std::ignore =
                co_await caller.notify({.method = "notifications/message", .params = params});
            std::ignore = co_await begins.wait();
        }
    }
};

constexpr std::string_view tools_changed = "notifications/tools/list_changed";
constexpr std::string_view prompts_changed = "notifications/prompts/list_changed";

TEST_F(LostToken, gets_no_more_events_and_its_stream_ends) {
    open();
    auto& client = listen();
    tell(tools_changed);
    EXPECT_EQ(count(client.taken, tools_changed), 1);
    lose();
    tell(prompts_changed);
    EXPECT_EQ(count(client.taken, prompts_changed), 0);
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n")) << client.taken;
    EXPECT_TRUE(client.is_closed);
}

TEST_F(LostToken, loses_a_stream_on_which_nothing_happens) {
    open();
    auto& client = listen();
    lose();
    settle();
    EXPECT_FALSE(client.is_closed);
    look_through();
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n")) << client.taken;
    EXPECT_TRUE(client.is_closed);
}

// A reader that never catches up is asked after each write.
TEST_F(LostToken, gets_nothing_more_of_what_waits_for_a_slow_reader) {
    open();
    auto& client = listen();
    client.room = client.taken.size() + 1000;
    const std::string large(100'000, 'z');
    for (int i = 0; i < 5; ++i)
        session->get_stream().append(Slice("\"" + large + "\""), clock.now());
    settle();
    lose();
    client.take(10 * large.size());
    settle();
    EXPECT_LE(count(client.taken, "z"), large.size());
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n")) << client.taken.size();
    EXPECT_TRUE(client.is_closed);
}

TEST_F(LostToken, opens_no_session_though_its_initialize_had_to_wait) {
    views.meanwhile = [this] { lose(); };
    auto& client = connect();
    post(client, initialize);
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 401 ")) << client.taken;
    EXPECT_EQ(sessions.size(), 0);
}

TEST_F(LostToken, of_another_ends_nothing) {
    open();
    auto& client = listen();
    authority->gone = "bob";
    look_through();
    tell(tools_changed);
    EXPECT_EQ(count(client.taken, tools_changed), 1);
    EXPECT_FALSE(client.is_closed);
}

TEST_F(LostToken, whose_body_comes_afterwards_is_refused) {
    auto& client = connect();
    client.say(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
        "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        "Content-Length: " +
        std::to_string(ping.size()) + "\r\n\r\n"
    );
    settle();
    lose();
    client.say(ping);
    settle();
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 401 ")) << client.taken;
}

TEST_F(LostToken, ends_no_session_when_the_body_of_its_delete_comes_afterwards) {
    open();
    auto& client = connect();
    client.say(
        "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n" +
        session_header + "Content-Length: 5\r\n\r\n"
    );
    settle();
    lose();
    client.say("abcde");
    settle();
    EXPECT_TRUE(client.taken.starts_with("HTTP/1.1 401 ")) << client.taken;
    EXPECT_FALSE(session->has_ended());
}

TEST_F(LostToken, hears_nothing_more_of_its_call_which_ends) {
    open();
    gh.works = [this](mcp::Exchange& caller) { return say_twice(caller); };
    auto& client = connect();
    post(client, call, session_header);
    EXPECT_EQ(count(client.taken, "first"), 1);
    EXPECT_EQ(session->running(), 1);
    lose();
    begins.set();
    settle();
    EXPECT_EQ(count(client.taken, "second"), 0);
    begins.set();
    settle();
    EXPECT_EQ(session->running(), 0);
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n")) << client.taken;
    EXPECT_EQ(count(client.taken, R"("result")"), 0);
    EXPECT_EQ(count(client.taken, "the call was ended: no longer authorized"), 1);
}

}  // namespace
}  // namespace gw::test
