#include "app/authenticators.hpp"

#include "base/ascii.hpp"
#include "http/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace gw::app {

using auth::Credentials;
using auth::Lookup;

namespace {

// What follows "Bearer"; empty when it is another scheme, or nothing.
std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    const bool is_bearer = authorization.size() > scheme.size() &&
                           equal_ignoring_case(authorization.substr(0, scheme.size()), scheme);
    return is_bearer ? http::trim(authorization.substr(scheme.size())) : std::string_view();
}

// A client over a Unix socket has no address, and is in no network.
bool is_in(const net::Networks& networks, std::string_view client) {
    if (networks.is_empty()) return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(client, error);
    return !error && networks.has_exactly(address);
}

bool is_over(const std::optional<WallTime>& expires, const Clock& clock) {
    return expires && clock.wall() >= *expires;
}

}  // namespace

Result<Lookup> OpenAuthenticator::find(const Credentials& /*credentials*/, const Clock& /*clock*/)
    const {
    return Lookup{Lookup::State::known, anonymous_};
}

// A part of a hash is one.
std::size_t TokenAuthenticator::DigestHash::operator()(const auth::Owner::Digest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

Result<AuthenticatorHandle> TokenAuthenticator::make(
    std::shared_ptr<const TokenTable> tokens, auth::PolicyVersion policy
) {
    std::shared_ptr<TokenAuthenticator> made(new TokenAuthenticator(std::move(tokens), policy));
    for (const auto& token : made->tokens_->tokens()) {
        GW_DO(made->add(token));
    }
    return made;
}

Result<void> TokenAuthenticator::add(const Token& token) {
    GW_TRY(auto networks, net::Networks::parse(token.networks));
    const auto who = std::make_shared<const auth::Principal>(auth::Principal{
        .owner = {token.issuer, token.subject},
        .name = token.name,
        .policy = policy_,
        .token = token.hash,
        .expires = token.expires,
        .server = token.server,
        .networks = token.networks
    });
    known_.push_back({who, std::move(networks)});
    by_token_.emplace(token.hash, who.get());
    const auto [last, is_first] = last_expiry_.try_emplace(who->owner.digest(), token.expires);
    const bool is_later = last->second && (!token.expires || *token.expires > *last->second);
    if (!is_first && is_later) last->second = token.expires;
    has_expiries_ = has_expiries_ || token.expires.has_value();
    return {};
}

Result<Lookup> TokenAuthenticator::find(const Credentials& credentials, const Clock& clock) const {
    const auto bearer = bearer_of(credentials.authorization);
    if (bearer.empty()) return Lookup();
    const auto place = tokens_->find(bearer);
    if (!place) return Lookup();
    const auto& known = known_[*place];
    if (is_over(known.who->expires, clock) || !is_in(known.networks, credentials.client)) {
        return auth::not_let_in(credentials);
    }
    return Lookup{Lookup::State::known, known.who};
}

// A token that has another owner, server or network since is another one: what was begun with it
// may not be what it is for now. Its time may have been moved.
bool TokenAuthenticator::is_still_valid(const auth::Principal& who, const Clock& clock) const {
    if (who.policy == policy_) return !is_over(who.expires, clock);
    const auto found = by_token_.find(who.token);
    if (found == by_token_.end()) return false;
    const auto& now = *found->second;
    return now.owner == who.owner && now.server == who.server && now.networks == who.networks &&
           !is_over(now.expires, clock);
}

bool TokenAuthenticator::knows(const auth::Owner& owner, const Clock& clock) const {
    const auto found = last_expiry_.find(owner.digest());
    return found != last_expiry_.end() && !is_over(found->second, clock);
}

Result<Lookup> AuthenticatorChain::find(const Credentials& credentials, const Clock& clock) const {
    for (const auto& member : members_) {
        auto found = member->find(credentials, clock);
        if (!found || found->state != Lookup::State::foreign) return found;
    }
    return Lookup();
}

Task<Result<auth::PrincipalHandle>> AuthenticatorChain::authenticate(
    Credentials credentials, const Clock& clock
) const {
    for (const auto& member : members_) {
        auto found = member->find(credentials, clock);
        if (!found) co_return std::unexpected(std::move(found).error());
        if (found->state == Lookup::State::pending) {
            GW_CO_TRY(found->who, co_await member->authenticate(credentials, clock));
        }
        if (found->who) co_return std::move(found->who);
    }
    co_return nullptr;
}

bool AuthenticatorChain::is_still_valid(const auth::Principal& who, const Clock& clock) const {
    return std::ranges::any_of(members_, [&](const auto& member) {
        return member->is_still_valid(who, clock);
    });
}

bool AuthenticatorChain::knows(const auth::Owner& owner, const Clock& clock) const {
    return std::ranges::any_of(members_, [&](const auto& member) {
        return member->knows(owner, clock);
    });
}

bool AuthenticatorChain::has_expiries() const {
    return std::ranges::any_of(members_, [](const auto& member) { return member->has_expiries(); });
}

bool AuthenticatorChain::is_open() const {
    return std::ranges::any_of(members_, [](const auto& member) { return member->is_open(); });
}

Result<std::shared_ptr<const TokenTable>> find_tokens(const std::string& tokens_file) {
    if (tokens_file.empty()) return nullptr;
    GW_TRY(auto tokens, read_tokens(tokens_file));
    return std::make_shared<const TokenTable>(std::move(tokens));
}

Result<AuthenticatorHandle> make_authenticator(
    std::shared_ptr<const TokenTable> tokens, auth::PolicyVersion policy
) {
    std::vector<AuthenticatorHandle> members;
    if (tokens) {
        GW_TRY(auto made, TokenAuthenticator::make(std::move(tokens), policy));
        members.push_back(std::move(made));
    } else {
        members.push_back(std::make_shared<const OpenAuthenticator>());
    }
    if (members.size() == 1) return members.front();  // It needs no one to ask it.
    return std::make_shared<const AuthenticatorChain>(std::move(members));
}

}  // namespace gw::app
