#pragma once

#include "base/error.hpp"

#include <map>
#include <string>

namespace gw::app {

// The variables of a ".env" file:
//
//   line := [ [ "export" ] NAME "=" value ] [ "#" comment ]
//
// A value stands in single or double quotes, or ends at the line's end or at " #". Between double
// quotes \n, \" and \\ are what they are in C. Errors name the line, and neither the
// file, whose name may hold a secret, nor a value.
Result<std::map<std::string, std::string>> read_env_file(const std::string& name);

}  // namespace gw::app
