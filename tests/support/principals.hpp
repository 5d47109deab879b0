#pragma once

#include "auth/principal.hpp"

#include <memory>
#include <string>

namespace gw::test {

inline auth::Owner owner(const std::string& name) {
    return {"test", name};
}

// Who comes with a token of this name, which is the subject as well.
inline auth::PrincipalHandle principal(const std::string& name) {
    return std::make_shared<const auth::Principal>(
        auth::Principal{.owner = owner(name), .name = name}
    );
}

}  // namespace gw::test
