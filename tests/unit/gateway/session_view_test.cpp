#include "calling.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

class SessionView : public Calling {
protected:
    SessionView() { show({.tools = {"a"}}, {.tools = {"now"}}); }
};

TEST_F(SessionView, shows_what_the_sessions_own_upstream_session_lists) {
    upstreams.own[0] = to_listing({.tools = {"a", "new"}});
    EXPECT_EQ(
        answer("tools/list", ""),
        R"({"tools":[{"name":"gh-a"},{"name":"gh-new"},{"name":"time-now"}]})"
    );
}

TEST_F(SessionView, keeps_to_the_rules_of_the_virtual_server) {
    views.shown.tools = {"gh-a"};
    upstreams.own[0] = to_listing({.tools = {"a", "new"}});
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"}]})");
}

TEST_F(SessionView, keeps_the_good_copy_of_a_server_that_fails_to_list) {
    upstreams.own[0] = nullptr;
    upstreams.own[1] = to_listing({.tools = {"later"}});
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"},{"name":"time-later"}]})");
}

TEST_F(SessionView, a_list_that_is_the_same_after_all_is_the_shared_one) {
    upstreams.own[0] = to_listing({.tools = {"a"}});
    EXPECT_EQ(answer("tools/list", ""), R"({"tools":[{"name":"gh-a"},{"name":"time-now"}]})");
}

}  // namespace
}  // namespace gw::test
