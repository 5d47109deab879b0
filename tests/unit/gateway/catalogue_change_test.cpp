#include "cataloguing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// After the first view has been made.
class CatalogueChange : public Cataloguing {
protected:
    void SetUp() override {
        Cataloguing::SetUp();
        view();
        pass(100ms);
        published.clear();
    }

    void change(auth::UpstreamNumber upstream, const FakeListing& listing) {
        source.servers[upstream].listing = to_listing(listing);
        source.change(upstream);
    }
};

TEST_F(CatalogueChange, is_published_with_the_kinds_that_differ) {
    change(0, {.tools = {"x", "new"}});
    pass(100ms);
    EXPECT_EQ(published, Lines{"0 [a-x a-new b-y] tools"});
    change(1, {.tools = {"y"}, .prompts = {"p"}, .templates = {"f:///{x}"}});
    pass(100ms);
    EXPECT_EQ(published.back(), "0 [a-x a-new b-y] prompts resourceTemplates");
    EXPECT_EQ(view(), "[a-x a-new b-y]");
}

TEST_F(CatalogueChange, reaches_every_virtual_server_and_capability_class) {
    source.servers[0].knows_clients = true;
    view(1);
    view(1, {.roots = true});
    pass(2s);
    published.clear();
    change(0, {.tools = {"new"}});
    pass(100ms);
    EXPECT_EQ(published.front(), "0 [a-new b-y] tools");
    EXPECT_EQ(published.at(1), "1 [a-new] tools");
    EXPECT_EQ(published.back(), "1 [a-new a-roots] tools");
    EXPECT_EQ(view() + view(1), "[a-new b-y][a-new]");
}

TEST_F(CatalogueChange, that_changes_nothing_is_not_published) {
    auto& listing = source.servers[0].listing;
    listing = std::make_shared<const catalog::Listing>(*listing);
    source.change(0);
    pass(100ms);
    EXPECT_EQ(lists(0), 2);
    EXPECT_EQ(published, Lines{});
}

TEST_F(CatalogueChange, is_looked_for_when_the_server_lets_nobody_keep_its_lists_longer) {
    auto listing = *to_listing({.tools = {"other"}});
    listing.hints[0].ttl = 40s;
    source.servers[0].listing = std::make_shared<const catalog::Listing>(std::move(listing));
    source.change(0);
    pass(100ms);
    const auto before = lists(0);
    pass(39s);
    EXPECT_EQ(lists(0), before);
    pass(2s);
    EXPECT_EQ(lists(0), before + 1);
}

TEST_F(CatalogueChange, several_soon_after_one_another_are_one) {
    source.change(0);
    pass(5ms);
    source.change(0);
    source.change(0);
    pass(1s);
    EXPECT_EQ(lists(0), 2);
}

constexpr std::string_view tools_changed = "notifications/tools/list_changed";

TEST_F(CatalogueChange, that_the_server_says_of_each_list_it_is_asked_for_is_looked_at_seldom) {
    source.servers[0].says_changed = true;
    source.change(0);
    pass(500ms);
    const auto first = lists(0);
    EXPECT_LE(first, 20);  // Sixteen that say nothing new are free.
    pass(1min);
    EXPECT_LE(lists(0) - first, 6);  // After 1, 2, 4, 8, 16 and 32 s.
    EXPECT_LE(published.size(), 18U);
    const auto before = lists(0);
    pass(10min);
    EXPECT_GE(lists(0) - before, 9);
    EXPECT_LE(lists(0) - before, 11);
    EXPECT_LE(published.size(), 18U);
    // What has really changed is told all the same.
    source.servers[0].listing = to_listing({.tools = {"new"}});
    pass(61s);
    EXPECT_EQ(published.back(), "0 [a-new b-y] tools");
}

TEST_F(CatalogueChange, that_the_server_says_soon_after_each_list_is_looked_at_seldom) {
    for (int i = 0; i < 3000; ++i) {
        source.change(0, tools_changed);
        pass(20ms);
    }
    EXPECT_LE(lists(0), 26);
    EXPECT_LE(published.size(), 18U);
}

TEST_F(CatalogueChange, of_what_only_clients_see_in_their_sessions_is_told_each_time) {
    for (int i = 0; i < 3; ++i) {
        source.change(0, tools_changed);
        pass(20s);
        source.change(0, tools_changed);
        pass(5min);
    }
    EXPECT_EQ(published.size(), 6U);
}

TEST_F(CatalogueChange, of_the_configuration_does_not_wait_for_a_server_that_says_too_much) {
    source.servers[0].says_changed = true;
    source.change(0);
    pass(1min);
    const auto before = lists(0);
    catalogue->list_again();
    pass(100ms);
    EXPECT_EQ(lists(0), before + 1);
    set_topology({1});
    pass(100ms);
    EXPECT_EQ(view(), "[b-y]");
}

TEST_F(CatalogueChange, that_comes_while_the_server_is_listed_is_not_missed) {
    source.servers[0].is_silent = true;
    source.change(0);
    pass(100ms);
    EXPECT_EQ(lists(0), 2);
    source.change(0);
    source.answer(0);
    pass(200ms);
    EXPECT_EQ(lists(0), 3);
}

TEST_F(CatalogueChange, nobody_told_of_is_found_in_time) {
    source.servers[0].listing = to_listing({.tools = {"new"}});
    pass(290s);
    EXPECT_EQ(lists(0), 1);
    pass(11s);
    EXPECT_EQ(lists(0), 2);
    EXPECT_EQ(published, Lines{"0 [a-new b-y] tools"});
}

TEST_F(CatalogueChange, a_server_that_fails_keeps_its_last_good_copy) {
    source.servers[0].listing = nullptr;
    source.change(0);
    pass(60s);
    EXPECT_EQ(view(), "[a-x b-y]");
    EXPECT_EQ(catalogue->failing(), 1);
    EXPECT_EQ(published, Lines{});
}

TEST_F(CatalogueChange, a_server_that_is_back_is_listed) {
    source.servers[0].listing = nullptr;
    source.change(0);
    pass(10s);
    source.servers[0].listing = to_listing({.tools = {"new"}});
    pass(31s);
    EXPECT_EQ(published, Lines{"0 [a-new b-y] tools"});
    EXPECT_EQ(catalogue->failing(), 0);
}

TEST_F(CatalogueChange, a_failing_server_is_tried_less_and_less_often_but_twice_a_minute) {
    source.servers[0].listing = nullptr;
    source.change(0);
    pass(10s);
    const auto first = lists(0);
    EXPECT_GE(first, 4);
    EXPECT_LE(first, 7);
    pass(10s);
    EXPECT_LE(lists(0) - first, 2);
    pass(100s);
    const auto before = lists(0);
    pass(10min);
    EXPECT_GE(lists(0) - before, 19);
    EXPECT_LE(lists(0) - before, 21);
}

TEST_F(CatalogueChange, a_server_that_failed_once_is_tried_soon_after_it_fails_again) {
    source.servers[0].listing = nullptr;
    source.change(0);
    pass(100s);
    source.servers[0].listing = to_listing({.tools = {"x"}});
    pass(31s);
    source.servers[0].listing = nullptr;
    source.change(0);
    pass(100ms);
    const auto before = lists(0);
    pass(1200ms);
    EXPECT_EQ(lists(0) - before, 1);
}

}  // namespace
}  // namespace gw::test
