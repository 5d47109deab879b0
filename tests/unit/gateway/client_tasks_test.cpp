#include "gateway/client_tasks.hpp"

#include "base/json.hpp"
#include "support/fake_surroundings.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

// The tasks that Ann's client has at the server "gh".
class ClientTasks : public testing::Test {
protected:
    gateway::TaskSeal seal{{1}};
    gateway::ClientTasks tasks{seal, terms("0-0-x", "ann", {}), "gh"};

    // A result as the client gets it.
    std::string translated(mcp::Request request, std::string result, bool has_related = false) {
        mcp::Completed answer{.result = Slice(std::move(result)), .has_related_task = has_related};
        tasks.translate(answer, request);
        return std::string(answer.result.view());
    }

    std::string about(std::string_view method, std::string result) {
        return translated({.method = method, .params = {}}, std::move(result));
    }

    // Begins a task with this id, a JSON string, at the server; the client's id for it, another.
    std::string begin(const std::string& quoted) {
        const auto text = translated(
            {.method = "tools/call", .params = {}, .begins_task = true},
            R"({"task":{"taskId":)" + quoted + R"(,"ttl":1.0}})"
        );
        const auto task = json::Object::parse((*json::Object::parse(text))["task"]);
        EXPECT_EQ((*task)["ttl"], "1.0");
        return std::string((*task)["taskId"]);
    }

    static std::string related(const std::string& id) {
        return R"({"a":1.0,"_meta":{"x":[],"io.modelcontextprotocol/related-task":{"taskId":)" +
               id + "}}}";
    }
};

TEST_F(ClientTasks, have_the_same_id_wherever_they_are_named) {
    const auto id = begin(R"("t\u002d1")");
    EXPECT_EQ(seal.open(json::unquoted(id))->original, "t-1");
    EXPECT_EQ(begin(R"("t-1")"), id);
    for (const auto* method : {"tasks/get", "tasks/cancel"}) {
        EXPECT_EQ(
            about(method, R"({"status":"working","taskId":"t-1"})"),
            R"({"status":"working","taskId":)" + id + "}"
        );
    }
    const mcp::Request result{.method = "tasks/result", .params = {}};
    EXPECT_EQ(translated(result, related(R"("t-1")"), true), related(id));
    EXPECT_EQ(tasks.with_client_ids(related(R"("t-1")")), related(id));
    EXPECT_EQ(tasks.with_client_ids(R"({"taskId":"t-1"})"), R"({"taskId":)" + id + "}");
    EXPECT_EQ(
        about("tasks/list", R"({"tasks":[{"taskId":"t-1"}]})"),
        R"({"tasks":[{"taskId":)" + id + "}]}"
    );
}

TEST_F(ClientTasks, of_other_servers_and_clients_have_other_ids) {
    const std::string theirs = R"({"taskId":"t-1"})";
    const auto ids = tasks.with_client_ids(theirs);
    EXPECT_NE(tasks.with_client_ids(R"({"taskId":"t-2"})"), ids);
    const gateway::ClientTasks elsewhere(seal, terms("0-0-x", "ann", {}), "other");
    EXPECT_NE(elsewhere.with_client_ids(theirs), ids);
    const gateway::ClientTasks of_bob(seal, terms("0-0-x", "bob", {}), "gh");
    EXPECT_NE(of_bob.with_client_ids(theirs), ids);
}

TEST_F(ClientTasks, leave_all_other_results_as_they_are) {
    const std::string text = R"({"task":{"taskId":"t"},"taskId":"t","_meta":{}})";
    EXPECT_EQ(translated({.method = "tools/call", .params = {}}, text), text);
    const std::string done = R"({"content":[{"type":"text","text":"\u0061"}], "n":1.50})";
    EXPECT_EQ(translated({.method = "tools/call", .params = {}, .begins_task = true}, done), done);
    EXPECT_EQ(about("tasks/get", R"({"taskId":7})"), R"({"taskId":7})");
}

TEST_F(ClientTasks, lists_those_that_this_session_began) {
    const auto id = begin(R"("mine")");
    EXPECT_EQ(
        about(
            "tasks/list",
            R"({"tasks":[{"taskId":"other"}, {"taskId":"mine","ttl":1.0},7],"nextCursor":"c"})"
        ),
        R"({"tasks":[{"taskId":)" + id + R"(,"ttl":1.0}],"nextCursor":"c"})"
    );
    EXPECT_EQ(about("tasks/list", R"({"tasks":7})"), R"({"tasks":[]})");
}

TEST_F(ClientTasks, brings_back_the_servers_ids) {
    const auto id = begin(R"("t-1")");
    EXPECT_EQ(tasks.with_server_ids(related(id)), related(R"("t-1")"));
    for (const auto& text : {related(R"("t-1")"), std::string(R"({"taskId":)" + id + "}")})
        EXPECT_EQ(tasks.with_server_ids(text), text);
    const auto other = json::quoted(
        seal.seal({.server = 9, .upstream = gateway::digest_of("gh"), .original = "t-1"})
    );
    EXPECT_EQ(tasks.with_server_ids(related(other)), related(other));
}

TEST_F(ClientTasks, have_a_progress_token_for_as_long_as_they_run) {
    const auto first = tasks.progress_token("1.50");
    const auto second = tasks.progress_token(R"("1.50")");
    EXPECT_NE(first, second);
    EXPECT_EQ(tasks.client_token(first), "1.50");
    EXPECT_EQ(tasks.client_token(second), R"("1.50")");
    EXPECT_EQ(tasks.client_token("1.50"), "");
    for (int i = 0; i < 1000; ++i)
        tasks.progress_token("2");
    EXPECT_EQ(tasks.client_token(second), "");
}

}  // namespace
}  // namespace gw::test
