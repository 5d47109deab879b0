#include "app/authenticators.hpp"

#include "support/fake_authenticator.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace gw::app::test {
namespace {

using namespace std::chrono_literals;
using gw::test::FakeAuthenticator;

// A line of the file for the token NAME-token; the clock begins at 1970-01-01T00:00:00Z.
std::string line(const std::string& name, const std::string& words = {}) {
    return *token_line(name, name + "-token-long-enough") + " " + words + "\n";
}

class Authenticators : public testing::Test {
protected:
    gw::test::FakeClock clock;
    auth::PolicyVersion policy = 0;

    AuthenticatorHandle of(const std::string& file) {
        return *make_authenticator(
            std::make_shared<const TokenTable>(*TokenTable::parse(file, "t")), ++policy
        );
    }

    static auth::PrincipalHandle nobody() { return {}; }

    auth::PrincipalHandle find(
        const AuthenticatorHandle& by, const std::string& name, std::string_view client = "::1"
    ) {
        const auto authorization = "Bearer " + name + "-token-long-enough";
        auto found = by->find({authorization, client}, clock);
        return found ? found->who : nobody();
    }
};

constexpr auto at_two = "expires=1970-01-01T00:00:02Z";

TEST_F(Authenticators, tell_nobody_why_a_token_is_not_good) {
    const auto by = of(line("ann", at_two) + line("bob", "networks=10.0.0.0/8"));
    clock.pass(2s);
    for (const std::string_view name : {"ann", "bob"}) {
        const auto authorization = "Bearer " + std::string(name) + "-token-long-enough";
        const auto found = by->find({authorization, "192.0.2.1"}, clock);
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(to_string(found.error()), "unauthenticated: Invalid authentication credentials");
    }
}

TEST_F(Authenticators, leave_what_they_do_not_know_to_others) {
    const auto by = of(line("ann"));
    for (const std::string_view authorization :
         {"", "Bearer ", "Bearer eve-token-long-enough", "Basic YTpi", "ann-token-long-enough"}) {
        const auto found = by->find({authorization, "::1"}, clock);
        ASSERT_TRUE(found) << authorization;
        EXPECT_EQ(found->state, auth::Lookup::State::foreign) << authorization;
        EXPECT_EQ(found->who, nullptr) << authorization;
    }
}

TEST_F(Authenticators, make_one_principal_for_each_token) {
    const auto by = of(line("ann") + line("laptop", "subject=ann server=team"));
    const auto ann = find(by, "ann");
    EXPECT_EQ(ann, find(by, "ann"));
    EXPECT_EQ(ann->name, "ann");
    EXPECT_EQ(ann->server, "");
    const auto laptop = find(by, "laptop");
    EXPECT_EQ(laptop->name, "laptop");
    EXPECT_EQ(laptop->server, "team");
    EXPECT_EQ(laptop->owner, ann->owner);
}

TEST_F(Authenticators, know_a_user_by_issuer_and_subject_whatever_the_token_is_called) {
    const auto by = of(line("ann") + line("other", "issuer=https://id.example subject=ann"));
    EXPECT_NE(find(by, "ann")->owner, find(by, "other")->owner);
    EXPECT_EQ(find(by, "ann")->owner, auth::Owner("bascule", "ann"));
}

TEST_F(Authenticators, take_a_token_until_its_time) {
    const auto by = of(line("ann", at_two));
    const auto ann = find(by, "ann");
    ASSERT_NE(ann, nullptr);
    clock.pass(2s - 1ns);
    EXPECT_NE(find(by, "ann"), nullptr);
    EXPECT_TRUE(by->is_still_valid(*ann, clock));
    EXPECT_TRUE(by->knows(ann->owner, clock));
    clock.pass(1ns);
    EXPECT_EQ(find(by, "ann"), nullptr);
    EXPECT_FALSE(by->is_still_valid(*ann, clock));
    EXPECT_FALSE(by->knows(ann->owner, clock));
}

TEST_F(Authenticators, take_a_token_from_its_networks_only) {
    const auto by = of(line("ann", "networks=10.0.0.0/8,::1"));
    for (const std::string_view client : {"10.1.2.3", "::1", "::ffff:10.1.2.3"})
        EXPECT_NE(find(by, "ann", client), nullptr) << client;
    for (const std::string_view client : {"11.1.2.3", "::2", "64:ff9b::10.1.2.3", "unix", ""})
        EXPECT_EQ(find(by, "ann", client), nullptr) << client;
}

TEST_F(Authenticators, know_an_owner_as_long_as_one_of_his_tokens) {
    const auto ann = auth::Owner("bascule", "ann");
    const std::string later = "subject=ann expires=1970-01-01T00:00:09Z";
    for (const auto& file :
         {line("ann", at_two) + line("b", later), line("b", later) + line("ann", at_two)}) {
        clock = {};
        const auto by = of(file);
        EXPECT_TRUE(by->has_expiries());
        clock.pass(8s);
        EXPECT_TRUE(by->knows(ann, clock));
        clock.pass(1s);
        EXPECT_FALSE(by->knows(ann, clock));
    }
    for (const auto& file :
         {line("ann", at_two) + line("b", "subject=ann"),
          line("b", "subject=ann") + line("ann", at_two)}) {
        EXPECT_TRUE(of(file)->knows(ann, clock));
    }
    EXPECT_FALSE(of(line("ann"))->has_expiries());
    EXPECT_FALSE(of(line("bob"))->knows(ann, clock));
}

TEST_F(Authenticators, judge_what_was_begun_before_by_what_the_token_is_now) {
    const auto ann = find(of(line("ann", "expires=1970-01-01T00:01:00Z")), "ann");
    const auto goes_on = [&](const std::string& file) {
        return of(file)->is_still_valid(*ann, clock);
    };
    EXPECT_TRUE(goes_on(line("ann")));
    EXPECT_TRUE(goes_on(line("bob") + line("ann", "issuer=bascule subject=ann")));
    EXPECT_TRUE(goes_on(line("ann", "expires=1970-01-01T00:00:09Z")));
    EXPECT_FALSE(goes_on(line("bob", "subject=ann"))) << "another token of the same user";
    EXPECT_FALSE(goes_on(line("ann", "subject=bob")));
    EXPECT_FALSE(goes_on(line("ann", "issuer=other")));
    EXPECT_FALSE(goes_on(line("ann", "server=team")));
    EXPECT_FALSE(goes_on(line("ann", "networks=::1")));
    EXPECT_FALSE(goes_on(line("ann", "expires=1970-01-01T00:00:00Z")));
    clock.pass(61s);
    EXPECT_TRUE(goes_on(line("ann", "expires=1970-01-01T00:02:00Z"))) << "it was given more time";
}

TEST_F(Authenticators, of_everybody_are_no_way_to_what_a_token_began) {
    const auto open = *make_authenticator(nullptr, ++policy);
    const auto anonymous = open->find({}, clock)->who;
    EXPECT_TRUE(open->is_still_valid(*anonymous, clock));
    const auto tokens = of(line("anonymous"));
    EXPECT_FALSE(tokens->is_still_valid(*anonymous, clock));
    EXPECT_FALSE(tokens->knows(anonymous->owner, clock));
    EXPECT_FALSE(open->is_still_valid(*find(tokens, "anonymous"), clock));
}

TEST_F(Authenticators, are_asked_in_their_order_and_the_first_that_knows_decides) {
    const auto authority = std::make_shared<gw::test::FakeAuthority>();
    const AuthenticatorChain chain(
        {of(line("ann")), std::make_shared<const FakeAuthenticator>(authority)}
    );
    const auto state = [&](std::string_view authorization) {
        const auto found = chain.find({authorization, "::1"}, clock);
        if (!found) return to_string(found.error());
        return found->who ? found->who->owner.issuer() : std::string("pending");
    };
    EXPECT_EQ(state("Bearer ann-token-long-enough"), "bascule");
    EXPECT_EQ(state("Bearer good"), "test");
    EXPECT_EQ(state("Bearer asked"), "pending");
    EXPECT_EQ(state("Bearer nonsense"), "unauthenticated: Unauthorized");
    EXPECT_FALSE(chain.is_open());
    EXPECT_FALSE(chain.has_expiries());
}

TEST_F(Authenticators, that_have_to_be_awaited_decide_after_the_others) {
    gw::test::ManualLoop loop;
    async::Event answered(loop);
    answered.set();
    const auto authority = std::make_shared<gw::test::FakeAuthority>();
    authority->answered = &answered;
    const AuthenticatorChain chain(
        {of(line("ann")), std::make_shared<const FakeAuthenticator>(authority)}
    );
    const auto outcome = [&](Result<auth::PrincipalHandle> answer) {
        authority->answer = std::move(answer);
        answered.set();
        const auto who = loop.run(chain.authenticate({"Bearer asked", "::1"}, clock));
        if (!who) return to_string(who.error());
        return *who ? (*who)->name : std::string("nobody");
    };
    EXPECT_EQ(outcome(gw::test::principal("eve")), "eve");
    EXPECT_EQ(outcome(nobody()), "nobody");
    EXPECT_EQ(outcome(fail(Errc::unavailable, "no store")), "unavailable: no store");
}

}  // namespace
}  // namespace gw::app::test
