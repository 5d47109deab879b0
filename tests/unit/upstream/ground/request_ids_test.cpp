#include "upstream/ground/request_ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gw::upstream {
namespace {

TEST(RequestIds, are_not_the_same_on_two_shards) {
    std::set<std::uint64_t> seen;
    for (const unsigned shard : {0U, 1U, 255U}) {
        RequestIds ids(shard);
        for (int i = 0; i < 1000; ++i)
            EXPECT_TRUE(seen.insert(ids.take()).second);
    }
}

}  // namespace
}  // namespace gw::upstream
