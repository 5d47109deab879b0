#include "calling.hpp"

#include <chrono>

namespace gw::test {
namespace {

// Ann's client of 2025-11-25 in front of server 0 ("gh"), which has tasks in its core.
class CoreTasks : public Calling {
protected:
    CoreTasks() {
        show(
            {.tools = {"search"}, .core_tasks = {.calls = true, .list = true, .cancel = true}},
            {.tools = {"now"}, .core_tasks = {.calls = true, .list = true}}
        );
    }

    // Her id for a task of gh.
    std::string id(std::string_view original = "t-1", std::string_view upstream = "gh") const {
        return task_seal.seal(
            {.server = 1,
             .upstream = gateway::digest_of(upstream),
             .era = gateway::TaskEra::core,
             .owner = owner("ann").digest(),
             .original = std::string(original)}
        );
    }

    std::string about(std::string_view method, const std::string& task) {
        return answer(method, R"({"taskId":")" + task + "\"}");
    }
};

TEST_F(CoreTasks, are_asked_of_their_server_by_its_own_id) {
    EXPECT_EQ(about("tasks/get", id()), R"("done")");
    EXPECT_EQ(about("tasks/result", id()), R"("done")");
    EXPECT_EQ(about("tasks/cancel", id()), R"("done")");
    EXPECT_EQ(
        sent(0),
        R"(tasks/get* {"taskId":"t-1"}; tasks/result* {"taskId":"t-1"}; )"
        R"(tasks/cancel {"taskId":"t-1"})"
    );
    EXPECT_EQ(about("tasks/get", id("t-1", "time")), R"("done")");
    EXPECT_EQ(sent(1), R"(tasks/get* {"taskId":"t-1"})");
}

TEST_F(CoreTasks, are_known_only_to_who_began_them) {
    const auto unknown = "invalid_params: Unknown task";
    EXPECT_EQ(about("tasks/get", "t-1"), unknown);
    EXPECT_EQ(answer("tasks/get", "{}"), R"(invalid_params: "taskId" must be a string)");
    who = "bob";
    session.reset();
    for (const auto* method : {"tasks/get", "tasks/result", "tasks/cancel"})
        EXPECT_EQ(about(method, id()), unknown);
    who = "ann";
    server = 2;
    session.reset();
    EXPECT_EQ(about("tasks/result", id()), unknown);
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(CoreTasks, are_not_those_that_a_stateless_client_began) {
    const auto other = task_seal.seal(
        {.server = 1,
         .upstream = gateway::digest_of("gh"),
         .era = gateway::TaskEra::stateless,
         .owner = owner("ann").digest(),
         .original = "t-1"}
    );
    for (const auto* method : {"tasks/get", "tasks/result", "tasks/cancel"})
        EXPECT_EQ(about(method, other), "invalid_params: Unknown task");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(CoreTasks, are_nothing_for_older_clients_and_without_a_session) {
    const auto expect_unknown = [this] {
        session.reset();
        for (const std::string method : {"tasks/get", "tasks/result", "tasks/cancel", "tasks/list"})
            EXPECT_EQ(about(method, id()), "unknown_method: Method not found: " + method);
    };
    revision = mcp::Revision::r2025_06_18;
    expect_unknown();
    revision = mcp::newest_with_sessions;
    session_id.clear();
    expect_unknown();
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(CoreTasks, have_a_result_that_is_waited_for_again_when_it_takes_long) {
    unsigned asked = 0;
    upstreams.peers[0].answer = [&]() -> Result<mcp::Answer> {
        if (++asked == 3) return completed(R"({"content":[]})");
        return fail(Errc::timed_out, "not yet");
    };
    EXPECT_EQ(about("tasks/result", id()), R"({"content":[]})");
    EXPECT_GE(upstreams.peers[0].last.deadline, around.all.wheel.now() + std::chrono::hours(1));
    asked = 0;
    EXPECT_EQ(about("tasks/get", id()), "timed_out: gh: not yet");
}

TEST_F(CoreTasks, have_the_servers_id_in_what_belongs_to_them) {
    const auto call = [](const std::string& task) {
        return R"({"name":"gh-search","_meta":{"io.modelcontextprotocol/related-task":{"taskId":")" +
               task + R"("}}})";
    };
    for (const auto& task : {id(), id("t-1", "time"), std::string("x")})
        answer("tools/call", call(task));
    EXPECT_TRUE(upstreams.peers[0].received[0].contains(R"({"taskId":"t-1"})"));
    EXPECT_TRUE(upstreams.peers[0].received[1].contains(id("t-1", "time")));
    EXPECT_TRUE(upstreams.peers[0].received[2].contains(R"({"taskId":"x"})"));
}

TEST_F(CoreTasks, are_begun_by_calls_that_ask_for_it) {
    answer("tools/call", R"({"name":"gh-search","task":{"ttl":5}})");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search","task":{"ttl":5}})");
    EXPECT_TRUE(upstreams.peers[0].last.begins_task);
    answer("tools/call", R"({"name":"gh-search"})");
    EXPECT_FALSE(upstreams.peers[0].last.begins_task);
}

}  // namespace
}  // namespace gw::test
