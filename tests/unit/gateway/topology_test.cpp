#include "gateway/topology.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(Topology, finds_a_virtual_server_by_its_whole_id_unless_it_is_gone) {
    gateway::Topology topology;
    topology.add(1, gateway::UpstreamName{.name = "gh", .prefix = "gh"});
    topology.add(7, {.id = "", .upstreams = {}, .rules = {}});
    topology.add(9, {.id = "team", .upstreams = {1}, .rules = {}});
    EXPECT_EQ(topology.find(""), 7);
    EXPECT_EQ(topology.find("team"), 9);
    EXPECT_EQ(topology.server(9)->upstreams.size(), 1);
    EXPECT_EQ(topology.server(8), nullptr);
    EXPECT_EQ(topology.upstream(2), nullptr);
    for (const auto* id : {"tea", "team ", "Team", "/"})
        EXPECT_FALSE(topology.find(id)) << id;
}

TEST(Topology, finds_what_is_reached_under_a_name_behind_a_virtual_server) {
    gateway::Topology topology;
    topology.add(1, gateway::UpstreamName{.name = "gh", .prefix = "g"});
    topology.add(7, {.id = "", .upstreams = {}, .rules = {}});
    topology.add(9, {.id = "team", .upstreams = {1}, .rules = {}});
    EXPECT_EQ(topology.find(9, "gh"), 1);
    for (const auto server : {7U, 8U})
        EXPECT_FALSE(topology.find(server, "gh"));
    EXPECT_FALSE(topology.find(9, "g"));
}

}  // namespace
}  // namespace gw::test
