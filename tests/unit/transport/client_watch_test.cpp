#include "transport/client_watch.hpp"

#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view both = "application/json, text/event-stream";
constexpr std::string_view json_alone = "application/json";

// Stateless clients of a server with sessions that answers when it is told to, or asks.
class ClientWatch : public Serving {
protected:
    async::Event answers{shard};
    std::size_t questions = 0;  // That wait for the client.

    struct Running final : mcp::Withdrawable {
        explicit Running(Fiber& waiting) : fiber(waiting) {}

        void withdraw() override { fiber.cancel(); }

        Fiber& fiber;
    };

    Task<> question(mcp::Exchange& caller) {
        Running running(co_await this_fiber());
        caller.set_withdrawable(&running);
        ++questions;
        std::ignore = co_await caller.ask(
            {.method = "elicitation/create",
             .params = R"({"message":"Name?","requestedSchema":{"type":"object","properties":{}}})"}
        );
        --questions;
        caller.set_withdrawable(nullptr);
    }

    void let_ask() {
        gh.works = [this](mcp::Exchange& caller) { return question(caller); };
    }

    void let_wait() {
        let_answer(10);
        gh.answers = &answers;
    }

    void call_stateless(FarSide& client, std::string_view accept = both) {
        const std::string body =
            R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"gh-large","_meta":{)"
            R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
            R"("io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"},)"
            R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}})";
        client.say(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
            "Content-Type: application/json\r\nMcp-Protocol-Version: 2026-07-28\r\n"
            "Mcp-Method: tools/call\r\nMcp-Name: gh-large\r\nAccept: " +
            std::string(accept) + "\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body
        );
        settle();
    }

    void expect_answer(const FarSide& client) {
        EXPECT_EQ(count(client.taken, R"("id":7,"result":)"), 1) << client.taken;
        EXPECT_FALSE(gh.was_withdrawn);
        EXPECT_TRUE(client.is_closed);
    }
};

TEST_F(ClientWatch, a_client_that_closes_its_half_gets_a_comment_and_its_answer) {
    let_wait();
    auto& client = connect();
    call_stateless(client);
    client.leave();
    pass(100ms);
    EXPECT_EQ(count(client.taken, "text/event-stream"), 1) << client.taken;
    EXPECT_EQ(count(client.taken, "\r\n:\n\n"), 1) << client.taken;
    pass(5s);
    answers.set();
    pass(100ms);
    expect_answer(client);
}

TEST_F(ClientWatch, one_that_closes_its_half_before_a_quick_answer_gets_json) {
    let_wait();
    auto& client = connect();
    call_stateless(client);
    client.leave();
    answers.set();
    pass(100ms);
    EXPECT_EQ(count(client.taken, "text/event-stream"), 0);
    expect_answer(client);
}

TEST_F(ClientWatch, one_that_closes_its_half_while_it_gets_a_stream_gets_the_rest) {
    let_wait();
    mcp_options.sse_after = 0ms;
    auto& client = connect();
    call_stateless(client);
    pass(200ms);
    EXPECT_EQ(count(client.taken, "\r\n:\n\n"), 0);
    client.leave();
    pass(100ms);
    EXPECT_EQ(count(client.taken, "\r\n:\n\n"), 1);
    answers.set();
    pass(100ms);
    expect_answer(client);
}

TEST_F(ClientWatch, one_whose_streams_begin_late_gets_a_stream_when_it_closes_its_half) {
    let_wait();
    mcp_options.sse_after = 1h;
    auto& client = connect();
    call_stateless(client);
    client.leave();
    pass(100ms);
    EXPECT_EQ(count(client.taken, "\r\n:\n\n"), 1);
    answers.set();
    pass(100ms);
    expect_answer(client);
}

TEST_F(ClientWatch, a_reset_cancels_whenever_it_comes) {
    for (const auto time : {0ms, 40ms, 100ms, 900ms, 3000ms}) {
        let_wait();
        auto& client = connect();
        call_stateless(client);
        client.leave();
        pass(time);
        client.reset();
        pass(100ms);
        EXPECT_TRUE(std::exchange(gh.was_withdrawn, false)) << time.count();
        EXPECT_TRUE(client.is_closed);
    }
}

TEST_F(ClientWatch, the_end_of_a_client_of_json_alone_cancels) {
    let_wait();
    auto& client = connect();
    call_stateless(client, json_alone);
    client.leave();
    pass(100ms);
    EXPECT_TRUE(gh.was_withdrawn);
}

TEST_F(ClientWatch, the_end_of_a_client_with_tls_cancels) {
    let_wait();
    auto& client = connect();
    client.can_half_close = false;
    call_stateless(client);
    client.leave();
    pass(100ms);
    EXPECT_TRUE(gh.was_withdrawn);
}

TEST_F(ClientWatch, a_call_is_not_parked_for_a_client_that_has_left_at_any_time) {
    let_ask();
    for (int time = 0; time <= 120; time += 4) {
        auto& client = connect();
        call_stateless(client);
        EXPECT_EQ(questions, 1) << time;
        pass(std::chrono::milliseconds(time));
        const bool was_told = count(client.taken, "input_required") > 0;
        client.reset();
        pass(100ms);
        EXPECT_EQ(questions, was_told ? 1 : 0) << time;
        EXPECT_EQ(parks.size(), was_told ? 1 : 0) << time;
        pass(park_limits.time + 1s);
        ASSERT_EQ(parks.size(), 0);
    }
}

TEST_F(ClientWatch, a_call_is_parked_for_one_that_closes_its_half_once_that_is_sure) {
    let_ask();
    auto& client = connect();
    call_stateless(client);
    client.leave();
    pass(gw::transport::ClientWatch::doubt - 100ms);
    EXPECT_EQ(count(client.taken, "\r\n:\n\n"), 1) << client.taken;
    EXPECT_EQ(count(client.taken, "input_required"), 0);
    pass(300ms);
    EXPECT_EQ(count(client.taken, "input_required"), 1) << client.taken;
    EXPECT_EQ(parks.size(), 1);
}

TEST_F(ClientWatch, a_call_is_not_parked_for_one_that_resets_while_it_is_in_doubt) {
    let_ask();
    auto& client = connect();
    call_stateless(client);
    client.leave();
    pass(200ms);
    client.reset();
    pass(100ms);
    EXPECT_EQ(parks.size(), 0);
    EXPECT_EQ(questions, 0);
}

TEST_F(ClientWatch, a_call_is_not_parked_for_a_client_of_json_alone_that_has_left) {
    let_ask();
    auto& client = connect();
    call_stateless(client, json_alone);
    client.leave();
    pass(100ms);
    EXPECT_EQ(parks.size(), 0);
    EXPECT_EQ(count(client.taken, "input_required"), 0);
}

TEST_F(ClientWatch, a_parked_call_of_which_its_client_cannot_be_told_is_withdrawn) {
    let_ask();
    for (const auto* accept : {both.data(), json_alone.data()}) {
        auto& client = connect(100);
        call_stateless(client, accept);
        pass(options.write_timeout);
        EXPECT_EQ(parks.size(), 1);
        pass(2s);
        EXPECT_TRUE(client.is_closed);
        EXPECT_EQ(parks.size(), 0);
        EXPECT_EQ(questions, 0);
    }
}

TEST_F(ClientWatch, the_next_request_that_comes_early_is_kept_and_no_end) {
    let_wait();
    auto& client = connect();
    call_stateless(client);
    pass(100ms);
    post(client, ping);
    EXPECT_FALSE(gh.was_withdrawn);
    answers.set();
    settle();
    EXPECT_EQ(count(client.taken, R"("id":7,"result":)"), 1);
}

}  // namespace
}  // namespace gw::test
