#pragma once

#include "app/tokens.hpp"
#include "auth/authenticator.hpp"
#include "net/networks.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gw::app {

using AuthenticatorHandle = std::shared_ptr<const auth::Authenticator>;

// Lets everybody in as "anonymous": for a gateway that serves its own machine.
class OpenAuthenticator final : public auth::Authenticator {
public:
    Result<auth::Lookup> find(const auth::Credentials& credentials, const Clock& clock)
        const override;

    bool is_still_valid(const auth::Principal& who, const Clock& clock) const override {
        return knows(who.owner, clock);
    }

    bool knows(const auth::Owner& owner, const Clock& /*clock*/) const override {
        return owner == anonymous_->owner;
    }

    bool has_expiries() const override { return false; }

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
    // `policy` counts the authenticators that there were for this file. Errc::invalid_params when
    // one of the networks is none.
    static Result<AuthenticatorHandle> make(
        std::shared_ptr<const TokenTable> tokens, auth::PolicyVersion policy
    );

    Result<auth::Lookup> find(const auth::Credentials& credentials, const Clock& clock)
        const override;
    bool is_still_valid(const auth::Principal& who, const Clock& clock) const override;
    bool knows(const auth::Owner& owner, const Clock& clock) const override;

    bool has_expiries() const override { return has_expiries_; }

    bool is_open() const override { return false; }

private:
    // One token.
    struct Known {
        auth::PrincipalHandle who;
        net::Networks networks;
    };

    struct DigestHash {
        std::size_t operator()(const auth::Owner::Digest& digest) const;
    };

    template <typename Value>
    using ByDigest = std::unordered_map<auth::Owner::Digest, Value, DigestHash>;

    TokenAuthenticator(std::shared_ptr<const TokenTable> tokens, auth::PolicyVersion policy)
        : tokens_(std::move(tokens)), policy_(policy) {}

    Result<void> add(const Token& token);

    std::shared_ptr<const TokenTable> tokens_;
    auth::PolicyVersion policy_;
    std::vector<Known> known_;  // In the order of the table.
    ByDigest<const auth::Principal*> by_token_;
    ByDigest<std::optional<WallTime>> last_expiry_;  // Of all tokens of an owner; none: never.
    bool has_expiries_ = false;
};

// Asks several, in their order: the first that knows the credentials decides.
class AuthenticatorChain final : public auth::Authenticator {
public:
    explicit AuthenticatorChain(std::vector<AuthenticatorHandle> members)
        : members_(std::move(members)) {}

    Result<auth::Lookup> find(const auth::Credentials& credentials, const Clock& clock)
        const override;
    Task<Result<auth::PrincipalHandle>> authenticate(
        auth::Credentials credentials, const Clock& clock
    ) const override;
    bool is_still_valid(const auth::Principal& who, const Clock& clock) const override;
    bool knows(const auth::Owner& owner, const Clock& clock) const override;
    bool has_expiries() const override;
    bool is_open() const override;

private:
    std::vector<AuthenticatorHandle> members_;
};

// Those in the file; null when there is none. Fails when it cannot be used.
Result<std::shared_ptr<const TokenTable>> find_tokens(const std::string& tokens_file);

// Lets those in who show one of the tokens, or everybody when it is null.
Result<AuthenticatorHandle> make_authenticator(
    std::shared_ptr<const TokenTable> tokens, auth::PolicyVersion policy
);

}  // namespace gw::app
