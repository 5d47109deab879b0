#include "transport/post_exchange.hpp"

#include "async/deadline.hpp"
#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t many = 300;
constexpr std::size_t slow = 1000;         // The bytes that a slow client takes.
constexpr std::size_t rest = 100'000'000;  // All of it.

Task<> wait_for(async::Event& event) {
    std::ignore = co_await event.wait();
}

// A server that says things while it works, to a client with a session.
class PostExchange : public Serving {
protected:
    std::size_t said = 0;
    std::string asked;  // What came of a question.
    async::Event begins{shard};
    async::Event answers{shard};

    PostExchange() { streams.events_max = 100; }

    static mcp::Notification log_line(std::string_view params) {
        return {.method = "notifications/message", .params = params};
    }

    // Says something, and `times` as much when it is told to begin.
    Task<> flood(mcp::Exchange& caller, std::size_t times, std::size_t size) {
        const auto params = R"({"level":"info","data":")" + std::string(size, 'x') + "\"}";
        std::ignore = co_await caller.notify(log_line(params));
        std::ignore = co_await begins.wait();
        for (said = 0; said < times; ++said)
            std::ignore = co_await caller.notify(log_line(params));
    }

    void let_flood(std::size_t times, std::size_t size) {
        gh.works = [this, times, size](mcp::Exchange& caller) {
            return flood(caller, times, size);
        };
    }

    Task<> question(mcp::Exchange& caller) {
        const mcp::ServerRequest request{
            .method = "elicitation/create",
            .params = R"({"message":"Name?","requestedSchema":{"type":"object","properties":{}}})",
            .taken_back = &why
        };
        async::Deadline deadline(shard.wheel(), TimePoint::max(), co_await this_fiber());
        until = &deadline;
        asked = bytes(co_await caller.ask(request));
        until = nullptr;
    }

    Task<> ask_when_told(mcp::Exchange& caller) {
        std::ignore = co_await begins.wait();
        co_await question(caller);
    }

    void begin() {
        begins.set();
        settle();
    }

    // Lets a client take all that comes, however often it has to wait for it.
    void take_all(FarSide& client) {
        client.take(rest);
        pass(1s);
    }

    std::string why;                   // Why a question was taken back.
    async::Deadline* until = nullptr;  // While it is asked.
};

TEST_F(PostExchange, a_server_waits_for_a_slow_client) {
    open();
    let_flood(many, 10);
    auto& client = connect(slow);
    post(client, call, session_header);
    begin();
    EXPECT_LT(said, 100);
    take_all(client);
    EXPECT_EQ(said, many);
    EXPECT_EQ(count(client.taken, "notifications/message"), many + 1);
    EXPECT_EQ(count(client.taken, "lostEvents"), 0);
}

TEST_F(PostExchange, a_server_waits_as_well_for_a_client_that_came_back) {
    open();
    let_flood(many, 10);
    auto& client = connect();
    post(client, call, session_header);
    auto& resumed = listen("Last-Event-ID: 1-1\r\n", slow);
    begin();
    EXPECT_LT(said, 100);
    take_all(resumed);
    EXPECT_EQ(said, many);
    EXPECT_EQ(count(resumed.taken, "notifications/message"), many);
    EXPECT_EQ(count(resumed.taken, "\"id\":7"), 1);
    EXPECT_EQ(count(resumed.taken, "lostEvents"), 0);
}

TEST_F(PostExchange, a_client_that_comes_back_far_behind_is_waited_for_where_it_is) {
    open();
    let_flood(many, 10);
    auto& client = connect();
    gh.says = log_line(R"({"level":"info","data":"first"})");
    gh.answers = &answers;
    post(client, call, session_header);
    for (int i = 0; i < 90; ++i) {
        session->find_stream(1)->append(Slice(std::string("{}")), clock.now());
        settle();
    }
    auto& resumed = listen("Last-Event-ID: 1-0\r\n", slow);
    begin();
    EXPECT_EQ(said, 0) << "what was delivered once is not what this client has";
    answers.set();
    take_all(resumed);
    EXPECT_EQ(count(resumed.taken, "notifications/message"), many + 2);
    EXPECT_EQ(count(resumed.taken, "lostEvents"), 0);
}

TEST_F(PostExchange, a_client_that_has_gone_is_not_waited_for) {
    open();
    let_flood(many, 10);
    auto& client = connect(slow);
    post(client, call, session_header);
    client.reset();
    begin();
    pass(1s);
    EXPECT_EQ(said, many);
    auto& resumed = listen("Last-Event-ID: 1-1\r\n");
    EXPECT_EQ(count(resumed.taken, "lostEvents"), 1) << "but it is told";
    EXPECT_EQ(count(resumed.taken, "\"id\":7"), 1);
}

TEST_F(PostExchange, large_events_and_a_large_answer_push_nothing_out_that_the_client_has_not_got) {
    streams.bytes_max = 100'000;
    open();
    let_flood(20, 20'000);
    let_answer(90'000);
    auto& client = connect(slow);
    post(client, call, session_header);
    begin();
    take_all(client);
    EXPECT_EQ(count(client.taken, "notifications/message"), 21);
    EXPECT_EQ(count(client.taken, "z"), 90'000);
    EXPECT_EQ(count(client.taken, "lostEvents"), 0);
}

TEST_F(PostExchange, a_question_waits_for_its_turn_and_is_asked) {
    open();
    gh.says = log_line(R"({"level":"info","data":"first"})");
    gh.works = [this](mcp::Exchange& caller) { return ask_when_told(caller); };
    auto& client = connect(slow);
    post(client, call, session_header);
    auto& stream = *session->find_stream(1);
    client.room = 0;
    while (stream.has_room(1))
        stream.append(Slice(std::string("{}")), clock.now());
    const auto last = stream.last();
    begin();
    EXPECT_EQ(stream.last(), last);
    take_all(client);
    EXPECT_EQ(count(client.taken, "elicitation/create"), 1);
    post(connect(), R"({"jsonrpc":"2.0","id":1,"result":{"action":"decline"}})", session_header);
    pass(1s);
    EXPECT_EQ(asked, R"({"action":"decline"})");
    EXPECT_EQ(count(client.taken, "\"id\":7"), 1);
}

TEST_F(PostExchange, a_question_that_is_taken_back_says_why) {
    open();
    gh.works = [this](mcp::Exchange& caller) { return question(caller); };
    auto& client = connect();
    post(client, call, session_header);
    why = "the \"form\" has changed";
    until->end();
    pass(100ms);
    EXPECT_EQ(
        count(
            client.taken,
            R"("notifications/cancelled","params":{"requestId":1,"reason":"the \"form\" has changed"}})"
        ),
        1
    ) << client.taken;
}

TEST_F(PostExchange, a_stream_that_somebody_came_back_for_outlives_its_call) {
    open();
    gh.says = log_line(R"({"level":"info","data":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})");
    gh.answers = &answers;
    const auto others = budget.take_now(budget_bytes / 2);  // What was delivered is not kept.
    std::size_t whole = 0;
    for (const auto* from : {"Last-Event-ID: 1-0\r\n", "Last-Event-ID: 2-0\r\n"}) {
        auto& client = connect(200);
        post(client, call, session_header);
        // The second time all but the end of the stream goes through.
        auto& resumed = whole == 0 ? listen(from) : listen(from, whole - 3);
        answers.set();
        settle();
        client.reset();
        client.take(0);
        pass(100ms);
        whole = resumed.taken.size();
        resumed.take(rest);
        pass(100ms);
        EXPECT_TRUE(resumed.taken.ends_with("0\r\n\r\n"));
    }
}

TEST_F(PostExchange, what_nobody_asked_for_ends_here) {
    open();
    gh.says = mcp::Notification{
        .method = "notifications/progress", .params = R"({"progressToken":1,"progress":1})"
    };
    auto& client = connect();
    post(client, call, session_header);
    EXPECT_EQ(count(client.taken, "application/json"), 1) << client.taken;
    session->log_level = mcp::LogLevel::error;
    gh.says = log_line(R"({"level":"info","data":1})");
    client.taken.clear();
    post(client, call, session_header);
    EXPECT_EQ(count(client.taken, "application/json"), 1) << client.taken;
    gh.says = log_line(R"({"level":"error","data":1})");
    client.taken.clear();
    post(client, call, session_header);
    EXPECT_EQ(count(client.taken, "notifications/message"), 1) << client.taken;
}

TEST_F(PostExchange, progress_has_the_clients_own_token) {
    open();
    static constexpr std::string_view params = R"({"progress":1,"progressToken":7})";
    gh.says = mcp::Notification{
        .method = "notifications/progress",
        .params = params,
        .progress_token = params.substr(params.find('7'), 1)
    };
    auto& client = connect();
    post(
        client,
        R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":)"
        R"({"name":"gh-large","_meta":{"progressToken":"mine"}}})",
        session_header
    );
    EXPECT_EQ(count(client.taken, R"({"progress":1,"progressToken":"mine"})"), 1) << client.taken;
}

TEST_F(PostExchange, a_client_of_json_alone_hears_on_its_get_stream_what_is_not_progress) {
    mcp_options.is_json_only = true;
    open();
    auto& stream = listen();
    gh.says = log_line(R"({"level":"info","data":1})");
    auto& client = connect();
    post(client, call, session_header);
    EXPECT_EQ(count(client.taken, "notifications/message"), 0);
    EXPECT_EQ(count(stream.taken, "notifications/message"), 1);
}

TEST_F(PostExchange, a_call_that_is_withdrawn_before_its_server_is_known_is_withdrawn_then) {
    open();
    gh.answers = &answers;
    async::Event late(shard);
    gh.works = [&late](mcp::Exchange&) { return wait_for(late); };
    auto& client = connect();
    post(client, call, session_header);
    pass(mcp_options.sse_after * 2);
    post(
        connect(),
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"enough"}})",
        session_header
    );
    late.set();
    settle();
    EXPECT_TRUE(gh.was_withdrawn);
    EXPECT_EQ(gh.withdrawn_because, "enough");
    EXPECT_EQ(count(client.taken, "\"id\":7"), 0) << "it wants no answer";
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace gw::test
