#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gw::app {

// Where the values of environment variables come from; nothing for one that is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// The environment of this process.
std::optional<std::string> process_environment(std::string_view name);

}  // namespace gw::app
