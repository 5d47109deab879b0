#include "auth/authenticator.hpp"

#include <utility>

namespace gw::auth {

std::unexpected<Error> not_let_in(const Credentials& credentials) {
    return fail(
        Errc::unauthenticated,
        credentials.authorization.empty() ? "Authentication required for MCP endpoints"
                                          : "Invalid authentication credentials"
    );
}

Task<Result<PrincipalHandle>> Authenticator::authenticate(
    Credentials credentials, const Clock& clock
) const {
    auto found = find(credentials, clock);
    if (!found) co_return std::unexpected(std::move(found).error());
    co_return std::move(found->who);
}

}  // namespace gw::auth
