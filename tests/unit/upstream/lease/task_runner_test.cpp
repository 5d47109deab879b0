#include "upstream/lease/task_runner.hpp"

#include "async/gate.hpp"
#include "support/fake_surroundings.hpp"
#include "support/fake_upstreams.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

std::string task(std::string_view status, std::string_view more = R"(,"pollInterval":200)") {
    return R"({"taskId":"t","status":")" + std::string(status) + "\"" + std::string(more) + "}";
}

// A server that has been asked to run {"name":"n"} as a task.
class TaskRunnerTest : public testing::Test {
protected:
    TaskRunnerTest() {
        peer.answer = [this] {
            if (answers.empty()) return Result<mcp::Answer>(fail(Errc::internal, "no answer left"));
            auto next = std::move(answers.front());
            answers.pop_front();
            return next;
        };
    }

    ~TaskRunnerTest() override {
        gate.cancel();
        around.loop.settle();
    }

    void will_answer(std::string result) { answers.emplace_back(completed(std::move(result))); }

    void will_begin(std::string_view status = "working") {
        will_answer(R"({"task":)" + task(status) + "}");
    }

    void begin() { begin({.method = "tools/call", .params = std::string_view(R"({"name":"n"})")}); }

    void begin(mcp::Request request) {
        gate.spawn(run(std::move(request)));
        around.loop.settle();
    }

    // What the server has been sent since the last time.
    Lines sent() { return std::exchange(peer.received, {}); }

    FakeSurroundings around;
    FakePeer peer;
    std::deque<Result<mcp::Answer>> answers;
    std::string got = "nothing yet";

    struct Client final : mcp::Exchange {
        Task<Result<void>> notify(mcp::Notification) override { co_return Result<void>(); }

        Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
            heard = request.params;
            co_return completed("{}");
        }

        void set_withdrawable(mcp::Withdrawable* call) override { running = call; }

        std::string heard;
        mcp::Withdrawable* running = nullptr;
    };

    Client client;

private:
    Task<> run(mcp::Request request) {
        upstream::TaskRunner runner(peer, client, around.loop, around.wheel);
        got = bytes(co_await runner.run(std::move(request)));
    }

    async::Gate gate{around.loop};
};

TEST_F(TaskRunnerTest, polls_until_the_task_has_ended_and_fetches_its_result) {
    will_begin();
    begin();
    EXPECT_EQ(sent(), Lines{R"(tools/call {"name":"n","task":{}})"});
    around.pass(150ms);
    EXPECT_EQ(sent(), Lines{});
    will_answer(task("working", ""));
    around.pass(150ms);
    EXPECT_EQ(sent(), Lines{R"(tasks/get* {"taskId":"t"})"});
    around.pass(900ms);
    EXPECT_EQ(sent(), Lines{});
    will_answer(task("completed"));
    will_answer(R"({"content":[],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}})"
    );
    around.pass(200ms);
    EXPECT_EQ(sent(), (Lines{R"(tasks/get* {"taskId":"t"})", R"(tasks/result* {"taskId":"t"})"}));
    EXPECT_EQ(got, R"({"content":[]})");
}

TEST_F(TaskRunnerTest, puts_the_servers_questions_to_the_caller_without_a_word_of_the_task) {
    will_begin("input_required");
    will_answer(R"({"content":[]})");
    peer.asks = {
        "elicitation/create",
        R"({"message":"m","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}})"
    };
    begin();
    EXPECT_EQ(client.heard, R"({"message":"m"})");
    EXPECT_EQ(got, R"({"content":[]})");
}

TEST_F(TaskRunnerTest, asks_again_when_the_user_takes_longer_than_a_call) {
    will_begin("input_required");
    answers.emplace_back(fail(Errc::timed_out, "late"));
    begin();
    EXPECT_EQ(got, "nothing yet");
    will_answer(task("completed"));
    will_answer(R"({"content":[]})");
    around.pass(300ms);
    EXPECT_EQ(got, R"({"content":[]})");
}

TEST_F(TaskRunnerTest, gives_what_a_server_answers_at_once) {
    will_answer(R"({"content":[1]})");
    begin();
    EXPECT_EQ(got, R"({"content":[1]})");
    answers.emplace_back(mcp::Refused{Slice(R"({"code":-32602})")});
    begin();
    EXPECT_EQ(got, R"(refused: {"code":-32602})");
}

TEST_F(TaskRunnerTest, gives_the_error_that_a_task_failed_with) {
    will_begin("failed");
    answers.emplace_back(mcp::Refused{Slice(R"({"code":-32603})")});
    begin();
    EXPECT_EQ(got, R"(refused: {"code":-32603})");
}

TEST_F(TaskRunnerTest, fails_when_the_server_cancels_the_task_or_breaks_the_protocol) {
    will_begin("cancelled");
    begin();
    EXPECT_EQ(got, "upstream_failed: upstream cancelled the task of the call");
    will_answer(R"({"task":{"status":"working"}})");
    begin();
    EXPECT_EQ(got, "upstream_failed: upstream sent an invalid answer to a request for a task");
}

TEST_F(TaskRunnerTest, cancels_the_task_when_the_call_is_withdrawn) {
    will_begin();
    begin();
    sent();
    ASSERT_NE(client.running, nullptr);
    client.running->withdraw();
    around.loop.settle();
    EXPECT_EQ(sent(), Lines{R"(tasks/cancel* {"taskId":"t"})"});
    EXPECT_EQ(got, "cancelled: the request was withdrawn");
    EXPECT_EQ(client.running, nullptr);
}

TEST_F(TaskRunnerTest, does_not_wait_for_ever) {
    will_begin();
    begin();
    for (int i = 0; i < 61 * 60; ++i) {
        will_answer(task("working", ""));
        around.pass(1s);
    }
    EXPECT_EQ(got, "timed_out: The task of the call did not end in time");
}

TEST_F(TaskRunnerTest, keeps_meta_and_token_where_a_link_finds_them) {
    constexpr std::string_view params = R"({"name":"n","_meta":{"progressToken":7}})";
    will_answer("{}");
    begin(
        {.method = "tools/call",
         .params = params,
         .progress_token = params.substr(params.find('7'), 1),
         .meta = params.substr(params.find(R"({"pro)"), 19)}
    );
    EXPECT_EQ(sent(), Lines{R"(tools/call {"name":"n","_meta":{"progressToken":7},"task":{}})"});
    EXPECT_EQ(peer.last.progress_token.size(), 1U);
    EXPECT_EQ(peer.last.meta.size(), 19U);
}

}  // namespace
}  // namespace gw::test
