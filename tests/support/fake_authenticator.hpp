#pragma once

#include "async/event.hpp"
#include "auth/authenticator.hpp"
#include "support/principals.hpp"

#include <memory>
#include <string>
#include <utility>

namespace gw::test {

// What a test tells a FakeAuthenticator, and hears of it.
struct FakeAuthority {
    async::Event* answered = nullptr;  // Whoever asks about "Bearer asked" waits for it,
    bool is_asked = false;             // as long as this is true,
    Result<auth::PrincipalHandle> answer = auth::PrincipalHandle();  // and gets this.
    std::string gone;  // Whoever has this name may not go on.
};

// Lets in whoever brings "Bearer good", as Ann, or "Bearer other", as Bob. For "Bearer asked"
// somebody else has to be asked.
class FakeAuthenticator final : public auth::Authenticator {
public:
    explicit FakeAuthenticator(
        std::shared_ptr<FakeAuthority> authority = std::make_shared<FakeAuthority>()
    )
        : authority_(std::move(authority)) {}

    Result<auth::Lookup> find(const auth::Credentials& credentials, const Clock& /*clock*/)
        const override {
        using enum auth::Lookup::State;
        if (credentials.authorization == "Bearer good") return auth::Lookup{known, ann_};
        if (credentials.authorization == "Bearer other") return auth::Lookup{known, bob_};
        if (credentials.authorization == "Bearer asked") return auth::Lookup{pending};
        return fail(Errc::unauthenticated, "Unauthorized");
    }

    Task<Result<auth::PrincipalHandle>> authenticate(
        auth::Credentials /*credentials*/, const Clock& /*clock*/
    ) const override {
        auto& authority = *authority_;
        authority.is_asked = true;
        const bool is_answered = co_await authority.answered->wait();
        authority.is_asked = false;
        if (!is_answered) co_return fail(Errc::cancelled, "nobody answered");
        co_return authority.answer;
    }

    bool is_still_valid(const auth::Principal& who, const Clock& /*clock*/) const override {
        return who.name != authority_->gone;
    }

    bool knows(const auth::Owner& /*owner*/, const Clock& /*clock*/) const override { return true; }

    bool has_expiries() const override { return false; }

    bool is_open() const override { return false; }

private:
    std::shared_ptr<FakeAuthority> authority_;
    auth::PrincipalHandle ann_ = principal("ann");
    auth::PrincipalHandle bob_ = principal("bob");
};

}  // namespace gw::test
