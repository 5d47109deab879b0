#pragma once

#include "auth/owner.hpp"
#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::auth {

// Counts the changes of what decides who may do what.
using PolicyVersion = std::uint64_t;

// Who is asking, after authentication. It is made once for each token, never changes, and is shared
// by all requests that show it.
struct Principal {
    Owner owner;               // Whose all is that it opens and begins.
    std::string name;          // For people: in logs.
    PolicyVersion policy = 0;  // The one it was made by.
    // A hash of the token, by which to find what has become of it since; zeros when none was shown.
    std::array<unsigned char, 32> token{};
    std::optional<WallTime> expires = {};    // From then on it is good for nothing.
    std::string server = {};                 // The only virtual server for it; empty: all.
    std::vector<std::string> networks = {};  // Where it may be shown; none: everywhere.
};

// Null: nobody was authenticated.
using PrincipalHandle = std::shared_ptr<const Principal>;

}  // namespace gw::auth
