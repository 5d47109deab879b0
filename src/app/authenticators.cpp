#include "app/authenticators.hpp"

#include "base/ascii.hpp"
#include "http/text.hpp"

#include <utility>

namespace gw::app {

Result<const auth::Principal*> OpenAuthenticator::authenticate(std::string_view /*authorization*/
) const {
    return &anonymous_;
}

TokenAuthenticator::TokenAuthenticator(std::shared_ptr<const TokenTable> tokens)
    : tokens_(std::move(tokens)) {
    for (const auto& name : tokens_->names())
        principals_[name] = {name, 0};
}

Result<const auth::Principal*> TokenAuthenticator::authenticate(std::string_view authorization
) const {
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() > scheme.size() &&
        equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
        const auto* name = tokens_->find(http::trim(authorization.substr(scheme.size())));
        if (name != nullptr) return &principals_.at(*name);
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
