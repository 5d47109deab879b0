#include "gateway/topology.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(Topology, finds_a_virtual_server_by_its_whole_id_unless_it_is_gone) {
    const gateway::Topology topology{
        .upstreams = {},
        .servers =
            {{.id = "", .upstreams = {}, .rules = {}},
             {.id = "team", .upstreams = {}, .rules = {}, .is_gone = true},
             {.id = "other", .upstreams = {}, .rules = {}},
             {.id = "team", .upstreams = {}, .rules = {}}}
    };
    EXPECT_EQ(topology.find(""), 0);
    EXPECT_EQ(topology.find("other"), 2);
    EXPECT_EQ(topology.find("team"), 3);
    for (const auto* id : {"othe", "other ", "Other", "/"})
        EXPECT_FALSE(topology.find(id)) << id;
}

}  // namespace
}  // namespace gw::test
