#include "cataloguing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// Gateways among the servers, which say where they lead.
class CatalogueRoute : public Cataloguing {
protected:
    // From now on server "a" leads there, and says that something has changed.
    void lead(mcp::Route route) {
        source.servers[0].route = std::move(route);
        source.change(0);
        pass(20ms);
    }

    const mcp::Route back{.instances = {"other", "me"}, .leads_back = true};
};

TEST_F(CatalogueRoute, is_told_of_all_servers_of_a_view_and_of_no_others) {
    source.servers[1].route.instances = {"second", "third"};
    EXPECT_EQ(view(), "[a-x b-y]");
    EXPECT_EQ(view(1), "[a-x]");
    EXPECT_EQ(views[0]->instances(), (mcp::Instances{"me", "second", "third"}));
    EXPECT_EQ(views[1]->instances(), mcp::Instances{"me"});
}

TEST_F(CatalogueRoute, of_a_server_that_leads_back_shows_nothing_that_it_listed_before) {
    source.servers[0].listing = to_listing({.tools = {"x"}, .tells_changes = true});
    EXPECT_EQ(view(), "[a-x b-y]");
    lead(back);
    EXPECT_EQ(view(), "[b-y]");
    EXPECT_EQ(view_of()->gaps().missing.at(0).reason, "a loop");
    EXPECT_EQ(catalogue->status().at(0).counts[0], 0);
    EXPECT_EQ(catalogue->status().at(0).last_error, "a loop");
    // What it leads to is told all the same: the other gateway finds itself there.
    EXPECT_EQ(view_of()->instances(), (mcp::Instances{"me", "other"}));
}

TEST_F(CatalogueRoute, that_led_back_is_tried_again_with_pauses_that_grow) {
    source.servers[0].route = back;
    EXPECT_EQ(view(), "[b-y]");
    pass(60s);
    EXPECT_GE(lists(0), 3);
    EXPECT_LE(lists(0), 8);
    source.servers[0].route = {.instances = {"other"}};
    pass(31s);
    EXPECT_EQ(view(), "[a-x b-y]");
}

TEST_F(CatalogueRoute, that_changes_is_told_to_gateways_as_a_change_of_tools) {
    source.servers[0].listing = to_listing({.tools = {"x"}, .tells_changes = true});
    view();
    published.clear();
    lead({.instances = {"other"}});
    EXPECT_EQ(published, std::vector<std::string>{"0 [a-x b-y] tools"});
    lead({.instances = {"other"}});
    EXPECT_EQ(published.size(), 1);
}

}  // namespace
}  // namespace gw::test
