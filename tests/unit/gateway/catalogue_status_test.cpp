#include "cataloguing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using State = gateway::UpstreamStatus::State;

class CatalogueStatus : public Cataloguing {
protected:
    // Of upstream server "a".
    gateway::UpstreamStatus a() { return catalogue->status().at(0); }
};

TEST_F(CatalogueStatus, says_of_each_server_what_it_lists_and_since_when) {
    source.servers[0].listing = to_listing({.tools = {"x", "y"}, .is_stateless = true});
    source.servers[0].is_silent = true;
    std::string outcome;
    get(outcome);
    EXPECT_EQ(a().name, "a");
    EXPECT_EQ(a().state, State::starting);
    pass(1s);
    source.answer(0);
    pass(2s);
    EXPECT_EQ(a().state, State::ready);
    EXPECT_EQ(a().spoken, gateway::UpstreamStatus::Spoken::stateless);
    source.servers[0].spoken = {.sessions = true, .stateless = true};
    EXPECT_EQ(a().spoken, gateway::UpstreamStatus::Spoken::both);
    source.servers[0].spoken = {.sessions = true};  // A client has found it so since.
    EXPECT_EQ(a().spoken, gateway::UpstreamStatus::Spoken::sessions);
    EXPECT_EQ(std::ranges::count(catalogue->with_sessions(), 0U), 1);
    EXPECT_EQ(a().counts[0], 2);
    EXPECT_EQ(a().counts[1], 0);
    EXPECT_EQ(a().since, TimePoint() + 1s);
    EXPECT_EQ(catalogue->status().size(), 2);
}

TEST_F(CatalogueStatus, says_why_a_server_fails_and_when_it_is_tried_again) {
    source.servers[0].listing = nullptr;
    view();
    EXPECT_EQ(a().state, State::failing);
    EXPECT_EQ(a().last_error, "gone");
    EXPECT_EQ(a().next_try, TimePoint() + 1s);
    pass(100s);
    EXPECT_EQ(a().since, TimePoint());
    source.servers[0].listing = to_listing({.tools = {"x"}});
    pass(31s);
    EXPECT_EQ(a().state, State::ready);
    EXPECT_EQ(a().last_error, "");
    EXPECT_FALSE(a().next_try);
}

TEST_F(CatalogueStatus, leaves_out_what_is_configured_no_more) {
    view();
    set_topology({0});
    EXPECT_EQ(catalogue->status().size(), 1);
}

}  // namespace
}  // namespace gw::test
