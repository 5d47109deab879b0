#include "app/authenticators.hpp"

#include "base/ascii.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <utility>

namespace gw::app {

namespace {

// Of tokens whose file names no other.
constexpr std::string_view own_issuer = "bascule";

}  // namespace

Result<auth::PrincipalHandle> OpenAuthenticator::authenticate(std::string_view /*authorization*/
) const {
    return anonymous_;
}

TokenAuthenticator::TokenAuthenticator(std::shared_ptr<const TokenTable> tokens)
    : tokens_(std::move(tokens)) {
    for (const auto& name : tokens_->names()) {
        principals_.push_back(std::make_shared<const auth::Principal>(
            auth::Principal{.owner = {std::string(own_issuer), name}, .name = name}
        ));
    }
}

bool TokenAuthenticator::knows(const auth::Owner& owner) const {
    return std::ranges::any_of(principals_, [&](const auto& each) { return each->owner == owner; });
}

Result<auth::PrincipalHandle> TokenAuthenticator::authenticate(std::string_view authorization
) const {
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() > scheme.size() &&
        equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
        const auto place = tokens_->find(http::trim(authorization.substr(scheme.size())));
        if (place) return principals_[*place];
    }
    return fail(
        Errc::unauthenticated,
        authorization.empty() ? "Authentication required for MCP endpoints"
                              : "Invalid authentication credentials"
    );
}

Result<std::shared_ptr<const TokenTable>> find_tokens(const std::string& tokens_file) {
    if (tokens_file.empty()) return nullptr;
    GW_TRY(auto tokens, read_tokens(tokens_file));
    return std::make_shared<const TokenTable>(std::move(tokens));
}

std::shared_ptr<const auth::Authenticator> make_authenticator(
    std::shared_ptr<const TokenTable> tokens
) {
    if (!tokens) return std::make_shared<const OpenAuthenticator>();
    return std::make_shared<const TokenAuthenticator>(std::move(tokens));
}

}  // namespace gw::app
