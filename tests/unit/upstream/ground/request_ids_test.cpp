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

TEST(RequestIds, that_come_back_as_strings_are_those_that_were_given) {
    EXPECT_EQ(as_asked("7"), "7");
    EXPECT_EQ(as_asked(R"("7")"), "7");
    EXPECT_EQ(as_asked(R"("0")"), "0");
    EXPECT_EQ(as_asked(R"("18446744073709551616")"), "18446744073709551616");
    for (const auto* other :
         {"", R"("")", R"(")", R"("07")", R"("7 ")", R"("-7")", R"("\u0037")", "null"})
        EXPECT_EQ(as_asked(other), other);
}

}  // namespace
}  // namespace gw::upstream
