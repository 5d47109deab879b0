#pragma once

#include "base/error.hpp"

#include <string>

namespace gw::app {

// All of a file of at most document.hpp's file_bytes_max; errors name it.
Result<std::string> read_text_file(const std::string& name);

}  // namespace gw::app
