#include "transport/post_stream.hpp"

#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class PostStream : public Serving {
protected:
    // What the client got is one JSON answer with so many bytes of text, and then the next one.
    void expect_json(FarSide& client, std::size_t size) {
        EXPECT_EQ(count(client.taken, "HTTP/1.1 "), 1) << client.taken.substr(0, 300);
        EXPECT_EQ(count(client.taken, "text/event-stream"), 0);
        EXPECT_EQ(count(client.taken, "z"), size);
        EXPECT_TRUE(client.taken.ends_with("\"}") || client.taken.ends_with("}]"));
        client.taken.clear();
        post(client, ping);
        EXPECT_NE(client.taken.find(R"({"jsonrpc":"2.0","id":8,"result":{}})"), std::string::npos);
    }
};

TEST_F(PostStream, an_answer_that_is_being_written_stays_json) {
    let_answer(50'000);
    auto& client = connect(1000);
    post(client, call);
    EXPECT_EQ(client.taken.size(), 1000);
    pass(mcp_options.sse_after * 4);
    client.take(1000);
    pass(mcp_options.sse_after);
    EXPECT_EQ(client.taken.size(), 2000);
    client.take(1'000'000);
    settle();
    expect_json(client, 50'000);
}

TEST_F(PostStream, a_client_that_leaves_while_its_answer_is_written_leaves_nothing_behind) {
    let_answer(50'000);
    auto& client = connect(1000);
    post(client, call);
    pass(mcp_options.sse_after * 4);
    client.leave();
    pass(options.write_timeout + 1s);
    EXPECT_TRUE(client.is_closed);
}

TEST_F(PostStream, the_answer_to_a_batch_that_is_being_written_stays_json) {
    let_answer(50'000);
    auto& client = connect(1000);
    const std::string batch = "[" + std::string(call) + "," + std::string(call) + "]";
    post(client, batch, "Mcp-Protocol-Version: 2025-03-26\r\n");
    pass(mcp_options.sse_after * 4);
    client.take(1'000'000);
    settle();
    expect_json(client, 100'000);
}

TEST_F(PostStream, an_error_that_is_being_written_stays_json) {
    auto& client = connect(1000);
    const auto method = std::string(50'000, 'y');
    post(client, R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"("})");
    pass(mcp_options.sse_after * 4);
    client.take(1'000'000);
    settle();
    EXPECT_EQ(count(client.taken, "HTTP/1.1 "), 1);
    EXPECT_EQ(count(client.taken, "-32601"), 1);
}

TEST_F(PostStream, a_call_that_takes_long_is_answered_on_a_stream) {
    let_answer(10);
    async::Event answers(shard);
    gh.answers = &answers;
    auto& client = connect();
    post(client, call);
    pass(mcp_options.sse_after - 20ms);
    EXPECT_EQ(client.taken, "");
    pass(40ms);
    EXPECT_EQ(count(client.taken, "text/event-stream"), 1);
    answers.set();
    settle();
    EXPECT_EQ(count(client.taken, "HTTP/1.1 "), 1);
    EXPECT_NE(client.taken.find(R"("id":7,"result":"zzzzzzzzzz"})"), std::string::npos);
    EXPECT_TRUE(client.taken.ends_with("0\r\n\r\n"));
}

TEST_F(PostStream, what_comes_before_the_answer_begins_a_stream_at_once) {
    let_answer(10);
    gh.says = mcp::Notification{.method = "notifications/message", .params = R"({"data":1})"};
    auto& client = connect();
    post(client, call);
    EXPECT_EQ(count(client.taken, "text/event-stream"), 1);
    EXPECT_EQ(count(client.taken, "notifications/message"), 1);
    EXPECT_EQ(count(client.taken, "\"id\":7"), 1);
}

TEST_F(PostStream, a_client_of_json_alone_gets_json_however_long_it_takes) {
    let_answer(10);
    mcp_options.is_json_only = true;
    gh.says = mcp::Notification{.method = "notifications/message", .params = R"({"data":1})"};
    async::Event answers(shard);
    gh.answers = &answers;
    auto& client = connect();
    post(client, call);
    pass(mcp_options.sse_after * 4);
    answers.set();
    settle();
    expect_json(client, 10);
}

}  // namespace
}  // namespace gw::test
