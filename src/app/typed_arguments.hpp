#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// The arguments of a tool as a JSON object, from texts KEY=VALUE. A value is what the tool's
// `schema` (its inputSchema, a JSON object or empty) says of KEY, by types or by the values that it
// lists: a number, a boolean, an array, an object or null as JSON; else, where it may be a string,
// that string as it stands. Where the schema does not say, what is JSON is that, and all else a
// string. Errc::invalid_params, with the key, for what does not fit.
Result<std::string> to_arguments(const std::vector<std::string>& pairs, std::string_view schema);

}  // namespace gw::app
