#pragma once

#include "app/environment.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace gw::app {

// `text` with its variables replaced, so that secrets can stay out of files:
//
//   variable := "${" [ "env:" ] name [ ":-" default ] "}"
//
// "$${" stands for "${" itself. A variable that is not set and has no default is an error that
// names it, and so is "${input:X}", which an editor would ask its user for.
Result<std::string> expand(std::string_view text, const Environment& environment);

}  // namespace gw::app
