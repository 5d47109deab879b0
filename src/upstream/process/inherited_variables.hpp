#pragma once

#include "upstream/process/process_command.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// What children get of the gateway's environment: the variables by which programs find the network,
// its certificates and their packages, and those that the operator names in `also`. `ours` looks up
// one variable; nothing when it is not set.
//
// The environment may hold secrets. So the names are a list without patterns, and a value with a
// URL that has a user or password is left out, unless it is of a proxy or was named in `also`.
// Names in `also` that are not is_inheritable() are passed over.
Variables inherited_variables(
    const std::function<std::optional<std::string>(std::string_view name)>& ours,
    const std::vector<std::string>& also
);

// Whether `name` may stand in `also`: letters, digits and `_`, no digit first, and none of a
// gateway's own, which may hold secrets: BASCULE_..., and a list of ContextForge's.
bool is_inheritable(std::string_view name);

}  // namespace gw::upstream
