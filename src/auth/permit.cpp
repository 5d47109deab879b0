#include "auth/permit.hpp"

#include "auth/principal.hpp"

#include <string>

namespace gw::auth {

Result<Permit> authorize(const Principal& who, Action /*what*/, const Object& target) {
    // A principal without a name was never authenticated.
    if (who.name.empty()) return fail(Errc::not_found, "unknown: " + std::string(target.name));
    return Permit(target.upstream);
}

}  // namespace gw::auth
