#pragma once

#include "auth/principal.hpp"
#include "base/error.hpp"

#include <string_view>

namespace gw::auth {

// Tells who is asking. A port: the implementation decides which credentials count.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    // `authorization` is the header's value, empty when there is none. Fails with
    // Errc::unauthenticated; never allows because it could not check.
    virtual Result<PrincipalHandle> authenticate(std::string_view authorization) const = 0;

    // True when somebody can still come as this owner; else nothing of theirs may go on.
    virtual bool knows(const Owner& owner) const = 0;

    // True when everybody is let in, so that names tell nobody apart.
    virtual bool is_open() const = 0;
};

}  // namespace gw::auth
