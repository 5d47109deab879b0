#pragma once

#include "app/control.hpp"

#include <string>
#include <string_view>

namespace gw::app {

// What came of a change as one line of JSON: {"changed":..., "needs_restart":..., "warnings":[...],
// "left_out":[{"upstream":..., "reasons":[...]}]}, or {"error":..., "detail":...}.
std::string outcome_json(const Result<ChangeOutcome>& outcome);

// The same, read back, in lines for people. Fails with what failed there.
Result<std::string> outcome_lines(std::string_view json);

}  // namespace gw::app
