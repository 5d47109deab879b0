#pragma once

#include "app/environment.hpp"
#include "app/report.hpp"

#include <functional>
#include <set>
#include <string>

namespace gw::app {

using VariableNames = std::set<std::string, std::less<>>;

// Warns of variables that begin with BASCULE_ and set nothing, with the nearest that would: a
// misspelt one would be passed over in silence. `asked_for` are those that something has looked
// for, such as a ${BASCULE_X} in a file.
void warn_of_unknown_variables(
    const Environment& environment, const VariableNames& asked_for, Report& report
);

}  // namespace gw::app
