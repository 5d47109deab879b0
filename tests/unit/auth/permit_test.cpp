#include "auth/permit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace gw::test {
namespace {

using auth::Action;

std::string outcome(const auth::Principal& who, Action what, const auth::Object& target) {
    const auto permit = auth::authorize(who, what, target);
    if (!permit) return to_string(permit.error());
    return "action " + std::to_string(static_cast<int>(permit->action())) + ", upstream " +
           std::to_string(permit->upstream()) + ", policy " + std::to_string(permit->policy());
}

TEST(Permit, names_what_was_checked_and_the_policy_that_allowed_it) {
    const auth::Principal ann{.name = "ann", .policy = 7};
    EXPECT_EQ(
        outcome(ann, Action::invoke, {.name = "gh-search", .upstream = 3}),
        "action 2, upstream 3, policy 7"
    );
    EXPECT_EQ(
        outcome(ann, Action::list, {.name = "other", .upstream = 0}),
        "action 0, upstream 0, policy 7"
    );
}

TEST(Permit, is_refused_to_nobody_as_if_the_object_did_not_exist) {
    EXPECT_EQ(
        outcome({.name = "", .policy = 7}, Action::read, {.name = "gh-search", .upstream = 3}),
        "not_found: unknown: gh-search"
    );
}

TEST(Permit, cannot_be_made_without_being_asked_for) {
    EXPECT_FALSE((std::is_default_constructible_v<auth::Permit>));
    EXPECT_FALSE(
        (std::is_constructible_v<auth::Permit, Action, auth::UpstreamNumber, auth::PolicyVersion>)
    );
}

}  // namespace
}  // namespace gw::test
