#pragma once

#include "auth/authenticator.hpp"
#include "support/principals.hpp"

#include <string_view>

namespace gw::test {

// Lets in whoever brings "Bearer good", as Ann, or "Bearer other", as Bob.
class FakeAuthenticator final : public auth::Authenticator {
public:
    Result<auth::PrincipalHandle> authenticate(std::string_view authorization) const override {
        if (authorization == "Bearer good") return ann_;
        if (authorization == "Bearer other") return bob_;
        return fail(Errc::unauthenticated, "Unauthorized");
    }

    bool knows(const auth::Owner&) const override { return true; }

    bool is_open() const override { return false; }

private:
    auth::PrincipalHandle ann_ = principal("ann");
    auth::PrincipalHandle bob_ = principal("bob");
};

}  // namespace gw::test
