#include "calling.hpp"
#include "gateway/parks.hpp"

#include <optional>

namespace gw::test {
namespace {

constexpr std::string_view needed =
    R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})";

// Ann's stateless client in front of the stateless server 0 ("gh"), which runs tools as tasks.
class Tasks : public Calling {
protected:
    Tasks() {
        revision = mcp::newest;
        session_id.clear();
        capabilities.tasks = true;
        stateless = &beside;
        show({.tools = {"search"}, .is_stateless = true, .has_tasks = true}, {.tools = {"now"}});
        will_begin(R"("t\u002d1")");
    }

    // What the server answers to the next calls.
    void will_begin(std::string id) {
        upstreams.peers[0].answer = [id] {
            mcp::Completed created{Slice(R"({"resultType":"task","taskId":)" + id + "}")};
            created.has_type = created.is_task = true;
            return created;
        };
    }

    void will_answer(std::string result) {
        upstreams.peers[0].answer = [result] {
            mcp::Completed got{Slice(result)};
            got.has_type = true;
            return got;
        };
    }

    // The id that the client has for a task which it begins.
    std::string begin() {
        const auto text = answer("tools/call", R"({"name":"gh-search"})");
        const auto result = json::Object::parse(text);
        EXPECT_TRUE(result) << text;
        EXPECT_EQ((*result)["resultType"], R"("task")");
        return result->string("taskId").value_or("");
    }

    std::string about(std::string_view method, const std::string& id, std::string_view more = "") {
        return answer(method, R"({"taskId":")" + id + "\"" + std::string(more) + "}");
    }

    // What follows is asked by others, or elsewhere.
    void reopen() { session.reset(); }

private:
    struct NoHeaders final : gateway::Headers {
        std::optional<std::string_view> value(std::string_view) const override { return {}; }

        void each(const Visit&) const override {}
    };

    NoHeaders headers;
    gateway::StateSeal seal{{}};
    gateway::ParkLimits limits;
    async::LimitedQueue queue{{.max = 100, .per_owner_max = 100}};
    gateway::Parks parks{around.loop, around.all.wheel, 0, seal, limits, queue, {}};
    gateway::Stateless beside{
        .headers = headers, .parks = parks, .seal = seal, .owner = "ann", .is_public = false
    };
};

TEST_F(Tasks, are_not_those_that_a_client_with_a_session_began) {
    const auto other = task_seal.seal(
        {.server = 1,
         .upstream = gateway::digest_of("gh"),
         .era = gateway::TaskEra::core,
         .owner = owner("ann").digest(),
         .original = "t-1"}
    );
    for (const auto* method : {"tasks/get", "tasks/update", "tasks/cancel"})
        EXPECT_EQ(about(method, other), "invalid_params: Unknown task");
    EXPECT_TRUE(upstreams.peers[0].received.empty());
}

TEST_F(Tasks, have_an_id_of_ours_that_leads_to_the_servers) {
    const auto id = begin();
    EXPECT_GT(id.size(), 60U);
    will_answer(R"({"resultType":"complete","taskId":"t-1","status":"working"})");
    EXPECT_EQ(
        about("tasks/get", id),
        R"({"resultType":"complete","taskId":")" + id + R"(","status":"working"})"
    );
    EXPECT_EQ(upstreams.peers[0].received.back(), R"(tasks/get* {"taskId":"t-1"})");
    EXPECT_EQ(upstreams.peers[0].last.name, "t-1");
}

TEST_F(Tasks, keep_their_ids) {
    const auto id = begin();
    EXPECT_EQ(begin(), id);
    will_begin(R"("t-2")");
    EXPECT_NE(begin(), id);
}

TEST_F(Tasks, are_updated_and_cancelled_once) {
    const auto id = begin();
    will_answer(R"({"resultType":"complete"})");
    EXPECT_EQ(about("tasks/cancel", id), R"({"resultType":"complete"})");
    EXPECT_EQ(upstreams.peers[0].received.back(), R"(tasks/cancel {"taskId":"t-1"})");
    EXPECT_EQ(
        about("tasks/update", id, R"(,"inputResponses":{"k":{"action":"accept"}})"),
        R"({"resultType":"complete"})"
    );
    EXPECT_EQ(
        upstreams.peers[0].received.back(),
        R"(tasks/update {"taskId":"t-1","inputResponses":{"k":{"action":"accept"}}})"
    );
}

TEST_F(Tasks, are_known_only_to_who_began_them) {
    const auto id = begin();
    reopen();
    who = "bob";
    EXPECT_EQ(about("tasks/get", id), "invalid_params: Unknown task");
    reopen();
    who = "ann";
    server = 2;
    EXPECT_EQ(about("tasks/get", id), "invalid_params: Unknown task");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search"})");
}

TEST_F(Tasks, have_no_other_ids_than_ours) {
    auto changed = begin();
    changed[10] = changed[10] == 'a' ? 'b' : 'a';
    for (const auto& id : {std::string("t-1"), std::string(), changed, std::string(90, 'A')}) {
        EXPECT_EQ(about("tasks/get", id), "invalid_params: Unknown task") << id;
    }
    EXPECT_EQ(answer("tasks/get", "{}"), R"(invalid_params: "taskId" must be a string)");
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search"})");
}

TEST_F(Tasks, go_on_at_the_server_of_their_name_however_it_is_reached) {
    const auto id = begin();
    views.set({{7, "gh", "g", to_listing({.tools = {"search"}})}});
    upstreams.peers[7].answer = [] { return completed(R"({"taskId":"t-1"})"); };
    EXPECT_TRUE(about("tasks/get", id).starts_with(R"({"taskId":")" + id));
    EXPECT_EQ(sent(7), R"(tasks/get* {"taskId":"t-1"})");
}

TEST_F(Tasks, stay_with_their_server_when_it_is_no_longer_shown) {
    const auto id = begin();
    views.set({{1, "time", "time", to_listing({.tools = {"now"}})}});
    EXPECT_EQ(about("tasks/get", id), "upstream_failed: the server of the task is not available");
}

TEST_F(Tasks, are_nothing_for_clients_that_did_not_declare_them) {
    const auto id = begin();
    reopen();
    capabilities.tasks = false;
    const auto refused =
        "capability_missing: this needs a capability that the client did not declare: "
        "io.modelcontextprotocol/tasks " +
        std::string(needed);
    for (const auto* method : {"tasks/get", "tasks/update", "tasks/cancel"})
        EXPECT_EQ(about(method, id), refused);
    EXPECT_EQ(answer("subscriptions/listen", R"({"notifications":{"taskIds":[]}})"), refused);
    EXPECT_EQ(sent(0), R"(tools/call {"name":"search"})");
}

TEST_F(Tasks, have_no_methods_that_the_extension_does_not_have) {
    EXPECT_EQ(answer("tasks/list", "{}"), "unknown_method: Method not found: tasks/list");
    EXPECT_EQ(answer("tasks/result", "{}"), "unknown_method: Method not found: tasks/result");
    reopen();
    revision = mcp::newest_with_sessions;
    stateless = nullptr;
    EXPECT_EQ(answer("tasks/update", "{}"), "unknown_method: Method not found: tasks/update");
}

TEST_F(Tasks, need_an_id) {
    will_begin("7");
    EXPECT_EQ(
        answer("tools/call", R"({"name":"gh-search"})"),
        "upstream_failed: gh: upstream began a task without an id"
    );
}

TEST_F(Tasks, are_announced_if_a_stateless_server_has_them) {
    const auto announced = R"("extensions":{"io.modelcontextprotocol/tasks":{}})";
    EXPECT_TRUE(answer("server/discover", "{}").contains(announced));
    show({.tools = {"search"}, .has_tasks = true}, {.tools = {"now"}, .is_stateless = true});
    EXPECT_FALSE(answer("server/discover", "{}").contains("extensions"));
}

}  // namespace
}  // namespace gw::test
