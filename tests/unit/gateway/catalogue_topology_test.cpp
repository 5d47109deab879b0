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

TEST_F(CatalogueTopology, a_server_may_go_while_it_is_listed_for_another_class_of_clients) {
    source.servers[1].is_silent = true;
    view(0, {.roots = true});
    pass(100ms);
    set_topology({0});
    pass(1s);
    source.answer(1);
    pass(1s);
    EXPECT_EQ(view(), "[a-x]");
    EXPECT_EQ(leases(1), 0);
}

// A server that is reached in another way from now on: it has another index then.
TEST_F(
    CatalogueTopology, what_a_server_listed_serves_under_its_names_until_it_has_been_listed_again
) {
    source.servers[2].is_silent = true;
    source.servers[2].listing = to_listing({.tools = {"x", "new"}});
    name(2, "a");
    set_topology({2, 1});
    EXPECT_EQ(view(), "[a-x b-y]");
    EXPECT_EQ(published, Lines{"0 [a-x b-y]"});
    const auto shown = view_of();
    EXPECT_EQ((*all_of(*shown).find(catalog::Kind::tools, "a-x"))->upstream, 2);
    EXPECT_TRUE(shown->gaps().has_substitutes);
    EXPECT_TRUE(shown->gaps().is_settled);
    source.answer(2);
    pass(100ms);
    EXPECT_EQ(published.back(), "0 [a-x a-new b-y] tools");
    EXPECT_TRUE(view_of()->gaps().are_none());
}

TEST_F(CatalogueTopology, the_old_lists_serve_on_while_the_new_target_cannot_be_listed) {
    source.servers[2].listing = nullptr;
    name(2, "a");
    set_topology({2, 1});
    pass(60s);
    EXPECT_EQ(view(), "[a-x b-y]");
    EXPECT_EQ(catalogue->failing(), 1);
}

TEST_F(CatalogueTopology, old_lists_are_kept_over_two_changes_in_a_row) {
    source.servers[2].is_silent = source.servers[3].is_silent = true;
    source.servers[3].listing = to_listing({.tools = {"new"}});
    name(2, "a");
    set_topology({2, 1});
    name(3, "a");
    set_topology({3, 1});
    EXPECT_EQ(view(), "[a-x b-y]");
    source.answer(2);
    source.answer(3);
    pass(1s);
    EXPECT_EQ(view(), "[a-new b-y]");
    EXPECT_EQ(leases(2), 0);
}

TEST_F(CatalogueTopology, what_is_hidden_now_disappears_before_the_new_target_is_listed) {
    source.servers[2].is_silent = true;
    name(2, "a");
    catalog::ViewRules rules;
    rules.tools = {"b-y"};
    set_topology({2, 1}, rules);
    EXPECT_EQ(view(), "[b-y]");
    source.servers[2].listing = to_listing({.tools = {"x"}});
    source.answer(2);
}

TEST_F(CatalogueTopology, old_lists_serve_clients_of_every_class) {
    source.servers[0].knows_clients = true;
    std::string outcome;
    wait_for_all(outcome, 0, {.roots = true});
    pass(100ms);
    EXPECT_EQ(outcome, "[a-x a-roots b-y]");
    source.servers[2].is_silent = true;
    name(2, "a");
    set_topology({2, 1});
    EXPECT_EQ(view(0, {.roots = true}), "[a-x a-roots b-y]");
    EXPECT_EQ(view(0, {.sampling = true}), "[a-x b-y]");
    source.servers[2].listing = to_listing({.tools = {"x"}});
    source.answer(2);
    pass(2s);
    EXPECT_EQ(view(0, {.roots = true}), "[a-x b-y]");
}

}  // namespace
}  // namespace gw::test
