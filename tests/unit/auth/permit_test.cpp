#include "auth/permit.hpp"

#include "support/principals.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace gw::test {
namespace {

using auth::Action;

std::string outcome(const auth::Principal& who, Action what, const auth::Object& target) {
    const auto permit = auth::authorize(who, what, target);
    return permit ? "upstream " + std::to_string(permit->upstream()) : to_string(permit.error());
}

TEST(Permit, names_what_was_checked) {
    const auto ann = principal("ann");
    EXPECT_EQ(outcome(*ann, Action::invoke, {.name = "gh-search", .upstream = 3}), "upstream 3");
    EXPECT_EQ(outcome(*ann, Action::list, {.name = "other", .upstream = 0}), "upstream 0");
}

TEST(Permit, is_refused_to_nobody_as_if_the_object_did_not_exist) {
    EXPECT_EQ(
        outcome(auth::Principal(), Action::read, {.name = "gh-search", .upstream = 3}),
        "not_found: unknown: gh-search"
    );
}

TEST(Permit, cannot_be_made_without_being_asked_for) {
    EXPECT_FALSE((std::is_default_constructible_v<auth::Permit>));
    EXPECT_FALSE((std::is_constructible_v<auth::Permit, auth::UpstreamNumber>));
}

}  // namespace
}  // namespace gw::test
