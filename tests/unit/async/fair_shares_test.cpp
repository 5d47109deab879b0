#include "async/fair_shares.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

using async::FairShares;

TEST(FairShares, who_has_the_most_owes_what_another_misses_and_no_more) {
    FairShares shares;
    FairShares::Part first(shares, "ann");
    FairShares::Part second(shares, "ann");
    FairShares::Part other(shares, "bob");
    const FairShares::Part asks(shares, "cyd");
    first.grow(100);
    second.grow(100);
    other.grow(150);
    EXPECT_FALSE(shares.has_claims());
    EXPECT_FALSE(first.is_claimed());
    const FairShares::Claim claim(asks, 10, 60);
    EXPECT_TRUE(claim);
    EXPECT_TRUE(shares.has_claims());
    EXPECT_FALSE(other.is_claimed());
    EXPECT_TRUE(first.is_claimed());
    EXPECT_FALSE(second.is_claimed()) << "the first was enough";
}

TEST(FairShares, nobody_owes_one_who_would_have_as_much_then) {
    FairShares shares;
    FairShares::Part first(shares, "ann");
    FairShares::Part asks(shares, "bob");
    first.grow(100);
    asks.grow(60);
    EXPECT_FALSE(FairShares::Claim(asks, 40, 40));
    EXPECT_TRUE(FairShares::Claim(asks, 39, 39));
    EXPECT_FALSE(FairShares::Claim(first, 1, 1)) << "nor one who has the most";
}

TEST(FairShares, what_is_kept_counts_and_is_not_owed) {
    FairShares shares;
    FairShares::Part kept(shares, "ann");
    FairShares::Part other(shares, "bob");
    const FairShares::Part asks(shares, "ann");
    kept.grow(100);
    kept.keep();
    other.grow(50);
    EXPECT_FALSE(FairShares::Claim(asks, 10, 10));
    const FairShares::Part third(shares, "cyd");
    EXPECT_TRUE(FairShares::Claim(third, 10, 10)) << "of the one who can give";
    EXPECT_FALSE(FairShares::Claim(third, 10, 51)) << "none can give as much";
}

TEST(FairShares, nothing_is_owed_any_more_when_the_claim_has_ended) {
    FairShares shares;
    FairShares::Part first(shares, "ann");
    first.grow(100);
    {
        const FairShares::Part asks(shares, "bob");
        const FairShares::Claim claim(asks, 10, 10);
    }
    EXPECT_FALSE(shares.has_claims());
    EXPECT_FALSE(first.is_claimed());
}

}  // namespace
}  // namespace gw::test
