#pragma once

#include "app/tokens.hpp"
#include "auth/authenticator.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gw::app {

// Lets everybody in as "anonymous": for a gateway that serves its own machine.
class OpenAuthenticator final : public auth::Authenticator {
public:
    Result<auth::PrincipalHandle> authenticate(std::string_view authorization) const override;

    bool knows(const auth::Owner& owner) const override { return owner == anonymous_->owner; }

    bool is_open() const override { return true; }

private:
    // Of no issuer, so that no token is of the same owner.
    auth::PrincipalHandle anonymous_ = std::make_shared<const auth::Principal>(
        auth::Principal{.owner = {"", "anonymous"}, .name = "anonymous"}
    );
};

// Bearer tokens (RFC 6750) from a file.
class TokenAuthenticator final : public auth::Authenticator {
public:
    explicit TokenAuthenticator(std::shared_ptr<const TokenTable> tokens);

    Result<auth::PrincipalHandle> authenticate(std::string_view authorization) const override;

    bool knows(const auth::Owner& owner) const override;

    bool is_open() const override { return false; }

private:
    std::shared_ptr<const TokenTable> tokens_;
    std::vector<auth::PrincipalHandle> principals_;  // Of the tokens, in the order of the table.
};

// Those in the file; null when there is none. Fails when it cannot be used.
Result<std::shared_ptr<const TokenTable>> find_tokens(const std::string& tokens_file);

// Lets those in who show one of the tokens, or everybody when it is null.
std::shared_ptr<const auth::Authenticator> make_authenticator(
    std::shared_ptr<const TokenTable> tokens
);

}  // namespace gw::app
