#pragma once

#include <cstdint>
#include <string>

namespace gw::auth {

// Counts the changes of what decides who may do what.
using PolicyVersion = std::uint64_t;

// Who is asking, after authentication.
struct Principal {
    std::string name;          // Of the token, or "anonymous".
    PolicyVersion policy = 0;  // The one this principal was computed from.

    bool operator==(const Principal&) const = default;
};

}  // namespace gw::auth
