#include "calling.hpp"

namespace gw::test {
namespace {

// Ann's client of 2025-11-25 in front of two servers that list tasks.
class TasksList : public Calling {
protected:
    TasksList() {
        const catalog::CoreTasks all{.calls = true, .list = true};
        show({.tools = {"search"}, .core_tasks = all}, {.tools = {"now"}, .core_tasks = all});
    }

    // What a server answers, page by page; the last one for ever.
    void will_list(auth::UpstreamNumber upstream, std::vector<std::string> pages) {
        upstreams.peers[upstream].answer = [pages, at = std::size_t{0}]() mutable {
            return completed(pages[std::min(at++, pages.size() - 1)]);
        };
    }

    void will_fail(auth::UpstreamNumber upstream, Errc kind) {
        upstreams.peers[upstream].answer = [kind] { return fail(kind, "gone"); };
    }
};

TEST_F(TasksList, has_all_pages_of_all_servers) {
    will_list(0, {R"({"tasks":[{"n":1.0}, {"n":2}],"nextCursor":"\u0061"})", R"({"tasks":[3]})"});
    will_list(1, {R"({"tasks":[{"n":4}],"nextCursor":null})"});
    EXPECT_EQ(answer("tasks/list", ""), R"({"tasks":[{"n":1.0},{"n":2},3,{"n":4}]})");
    EXPECT_EQ(sent(0), R"(tasks/list* {}; tasks/list* {"cursor":"\u0061"})");
    EXPECT_EQ(sent(1), "tasks/list* {}");
}

TEST_F(TasksList, asks_only_servers_that_list) {
    show({.core_tasks = {.calls = true}}, {.core_tasks = {.calls = true, .list = true}});
    will_list(1, {R"({"tasks":[]})"});
    EXPECT_EQ(answer("tasks/list", "{}"), R"({"tasks":[]})");
    EXPECT_EQ(sent(0), "");
    show({.core_tasks = {.calls = true}}, {});
    EXPECT_EQ(answer("tasks/list", "{}"), "unknown_method: Method not found: tasks/list");
}

TEST_F(TasksList, goes_without_a_server_that_fails) {
    will_fail(0, Errc::timed_out);
    will_list(1, {R"({"tasks":[1]})"});
    EXPECT_EQ(answer("tasks/list", "{}"), R"({"tasks":[1]})");
    upstreams.peers[1].answer = [] { return mcp::Refused{Slice(std::string("{}"))}; };
    EXPECT_EQ(answer("tasks/list", "{}"), "timed_out: gone");
    will_list(0, {"[]"});
    EXPECT_EQ(answer("tasks/list", "{}").substr(0, 15), "invalid_request");
    will_fail(0, Errc::cancelled);
    will_list(1, {R"({"tasks":[1]})"});
    EXPECT_EQ(answer("tasks/list", "{}"), "cancelled: gone");
}

TEST_F(TasksList, ends_although_a_server_goes_on) {
    will_list(0, {R"({"tasks":[1],"nextCursor":"same"})"});
    will_list(1, {R"({"tasks":[2]})"});
    EXPECT_EQ(answer("tasks/list", "{}"), R"({"tasks":[1,1,2]})");
    auto at = std::make_shared<int>(0);
    upstreams.peers[0].answer = [at] {
        return completed(R"({"tasks":[],"nextCursor":")" + std::to_string(++*at) + "\"}");
    };
    answer("tasks/list", "{}");
    EXPECT_EQ(*at, 1000);
}

TEST_F(TasksList, has_one_page) {
    EXPECT_EQ(answer("tasks/list", R"({"cursor":"x"})"), "invalid_params: Unknown cursor");
    EXPECT_TRUE(nothing_was_sent() || sent(0).empty());
}

}  // namespace
}  // namespace gw::test
