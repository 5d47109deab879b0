#pragma once

#include "app/report.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace gw::app {

using VariableNames = std::set<std::string, std::less<>>;

// Warns of variables that begin with BASCULE_ and set nothing, with the nearest that would: a
// misspelt one would be passed over in silence. `set` are the names of all variables, `asked_for`
// those that something has looked for, such as a ${BASCULE_X} in a file.
void warn_of_unknown_variables(
    const std::vector<std::string>& set, const VariableNames& asked_for, Report& report
);

}  // namespace gw::app
