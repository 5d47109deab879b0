#pragma once

#include "auth/owner.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace gw::auth {

// Counts the changes of what decides who may do what.
using PolicyVersion = std::uint64_t;

// Who is asking, after authentication. It is made once for each token, never changes, and is shared
// by all requests that show it.
struct Principal {
    Owner owner;               // Whose all is that it opens and begins.
    std::string name;          // For people: in logs.
    PolicyVersion policy = 0;  // The one this principal was computed from.
};

// Null: nobody was authenticated.
using PrincipalHandle = std::shared_ptr<const Principal>;

}  // namespace gw::auth
