#include "cataloguing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class CatalogueTopology : public Cataloguing {
protected:
    void SetUp() override {
        Cataloguing::SetUp();
        view();
        pass(100ms);
        published.clear();
    }
};

TEST_F(CatalogueTopology, a_server_that_is_configured_later_is_listed_and_added) {
    source.servers[2].listing = to_listing({.tools = {"z"}});
    set_topology({0, 1, 2});
    pass(100ms);
    EXPECT_EQ(published.back(), "0 [a-x b-y c-z] tools");
}

TEST_F(CatalogueTopology, a_server_that_is_configured_no_more_is_removed_and_let_go) {
    set_topology({0});
    EXPECT_EQ(published, Lines{"0 [a-x] tools"});
    pass(1s);
    EXPECT_EQ(leases(1), 0);
    EXPECT_EQ(leases(0), 1);
    const auto before = lists(1);
    pass(600s);
    EXPECT_EQ(lists(1), before);
}

TEST_F(CatalogueTopology, a_server_that_is_removed_and_added_again_is_listed_again) {
    set_topology({0});
    pass(1s);
    source.servers[1].listing = to_listing({.tools = {"again"}});
    set_topology({0, 1});
    pass(100ms);
    EXPECT_EQ(view(), "[a-x b-again]");
}

TEST_F(CatalogueTopology, new_rules_count_at_once) {
    catalog::ViewRules rules;
    rules.tools = {"b-y"};
    set_topology({0, 1}, rules);
    EXPECT_EQ(published, Lines{"0 [b-y] tools"});
    EXPECT_EQ(view(), "[b-y]");
}

TEST_F(CatalogueTopology, a_server_that_still_is_listed_does_not_end_the_others_when_removed) {
    source.servers[1].is_silent = true;
    source.change(1);
    pass(100ms);
    set_topology({0});
    EXPECT_EQ(view(), "[a-x]");
    source.answer(1);
    pass(1s);
    EXPECT_EQ(view(), "[a-x]");
    EXPECT_EQ(leases(1), 0);
}

}  // namespace
}  // namespace gw::test
