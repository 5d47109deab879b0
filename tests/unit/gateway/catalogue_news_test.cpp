#include "cataloguing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// What the log is told; warnings begin with "!".
class CatalogueNews : public Cataloguing {
protected:
    // Server "a" fails from now on, until it is back.
    void fail_from_now() {
        source.servers[0].listing = nullptr;
        source.change(0);
        pass(100ms);
    }
};

TEST_F(CatalogueNews, a_line_for_each_server_that_is_ready_and_one_when_all_are) {
    source.servers[0].is_silent = true;
    source.servers[0].listing =
        to_listing({.tools = {"x", "y"}, .prompts = {"p"}, .is_stateless = true});
    source.servers[1].listing = to_listing({.resources = {"f:///x"}});
    std::string outcome;
    get(outcome);
    EXPECT_EQ(reported, Lines{"b is ready: 0 tools, 1 resource, listed in 0.0 s, with sessions"});
    pass(1200ms);
    source.answer(0);
    pass(100ms);
    EXPECT_EQ(reported.size(), 3);
    EXPECT_EQ(reported.at(1), "a is ready: 2 tools, 1 prompt, listed in 1.2 s, stateless");
    EXPECT_EQ(reported.at(2), "all 2 upstream servers are ready");
    source.change(0);
    pass(10min);
    EXPECT_EQ(reported.size(), 3);
}

TEST_F(CatalogueNews, why_one_failed_and_when_it_is_tried_again_and_that_it_is_back) {
    view();
    reported.clear();
    fail_from_now();
    EXPECT_EQ(reported, Lines{"! a cannot be listed: gone (refused); tried again in 1.0 s"});
    source.servers[0].listing = to_listing({.tools = {"x"}});
    pass(40s);
    EXPECT_EQ(reported.at(1), "a is back: 1 tool, listed in 0.0 s, with sessions");
    EXPECT_EQ(reported.size(), 2);
}

TEST_F(CatalogueNews, a_failure_that_goes_on_is_said_once_a_minute_and_then_once_an_hour) {
    view();
    fail_from_now();
    reported.clear();
    pass(9min);
    EXPECT_GE(reported.size(), 7);
    EXPECT_LE(reported.size(), 9);
    EXPECT_EQ(reported.back(), "! a still cannot be listed: gone (refused); tried again in 30 s");
    pass(3min);
    reported.clear();
    pass(3h);
    EXPECT_GE(reported.size(), 2);
    EXPECT_LE(reported.size(), 3);
}

TEST_F(CatalogueNews, what_two_servers_list_alike_is_said_once) {
    source.servers[0].listing = to_listing({.resources = {"f:///x", "f:///y"}});
    source.servers[1].listing = to_listing({.resources = {"f:///x", "f:///y"}});
    view();
    view(0, {.roots = true});
    reported.clear();
    for (int i = 0; i < 3; ++i) {
        const std::string more = "f:///" + std::to_string(i);
        source.servers[0].listing = to_listing({.resources = {"f:///x", "f:///y", more}});
        source.servers[1].listing = source.servers[0].listing;
        source.change(0);
        source.change(1);
        pass(100ms);
    }
    EXPECT_EQ(reported, Lines{});
}

TEST_F(CatalogueNews, a_name_that_is_listed_twice_is_said_without_secrets) {
    source.servers[1].listing = to_listing({.tools = {"secret-1", "secret-1"}});
    view(0, {});
    const auto said = [&](std::string_view line) {
        return std::ranges::find(reported, line) != reported.end();
    };
    EXPECT_TRUE(said("! b lists *** twice; the first counts"))
        << (reported.empty() ? "" : reported.back());
}

}  // namespace
}  // namespace gw::test
