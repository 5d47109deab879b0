#include "auth/owner.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

using auth::Owner;

TEST(Owner, is_a_subject_of_an_issuer) {
    const Owner ann("us", "ann");
    EXPECT_EQ(ann, Owner("us", "ann"));
    EXPECT_EQ(ann.key(), Owner("us", "ann").key());
    EXPECT_NE(ann, Owner("us", "bob"));
    EXPECT_NE(ann, Owner("them", "ann"));
    EXPECT_NE(ann.key(), Owner("them", "ann").key());
}

TEST(Owner, is_another_one_wherever_the_border_between_the_two_is_another) {
    EXPECT_NE(Owner("a", "bc"), Owner("ab", "c"));
    EXPECT_NE(Owner("", "1:a"), Owner("1:a", ""));
    EXPECT_NE(Owner("1", ":a"), Owner("1:", "a"));
}

TEST(Owner, that_is_nobody_is_no_somebody) {
    EXPECT_NE(Owner(), Owner("", ""));
}

}  // namespace
}  // namespace gw::test
