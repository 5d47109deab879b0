#pragma once

#include "upstream/process/process_command.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// What children get of our environment, which `ours` looks up: the variables by which programs find
// the network, its certificates and their packages, and those that the operator names in `also`.
// What the gateway was started with may hold secrets, so there are no patterns, and a URL with a
// user and password in it stays here unless it is a proxy's or was named.
Variables inherited_variables(
    const std::function<std::optional<std::string>(std::string_view name)>& ours,
    const std::vector<std::string>& also
);

// Whether `name` may stand in `also`: a name of a variable, and none that the gateway itself keeps
// secrets in.
bool is_inheritable(std::string_view name);

}  // namespace gw::upstream
