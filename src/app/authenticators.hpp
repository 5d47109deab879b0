#pragma once

#include "app/tokens.hpp"
#include "auth/authenticator.hpp"

#include <map>
#include <memory>
#include <string>

namespace gw::app {

// Lets everybody in as "anonymous": for a gateway that serves its own machine.
class OpenAuthenticator final : public auth::Authenticator {
public:
    Result<const auth::Principal*> authenticate(std::string_view authorization) const override;

    bool knows(const auth::Principal& who) const override { return who.name == anonymous_.name; }

    bool is_open() const override { return true; }

private:
    auth::Principal anonymous_{"anonymous", 0};
};

// Bearer tokens (RFC 6750) from a file. The principal is the token's name.
class TokenAuthenticator final : public auth::Authenticator {
public:
    explicit TokenAuthenticator(std::shared_ptr<const TokenTable> tokens);

    Result<const auth::Principal*> authenticate(std::string_view authorization) const override;

    bool knows(const auth::Principal& who) const override { return principals_.contains(who.name); }

    bool is_open() const override { return false; }

private:
    std::shared_ptr<const TokenTable> tokens_;
    std::map<std::string, auth::Principal, std::less<>> principals_;
};

// Those in the file; null when there is none. Fails when it cannot be used.
Result<std::shared_ptr<const TokenTable>> find_tokens(const std::string& tokens_file);

// Lets those in who show one of the tokens, or everybody when it is null.
std::shared_ptr<const auth::Authenticator> make_authenticator(
    std::shared_ptr<const TokenTable> tokens
);

}  // namespace gw::app
