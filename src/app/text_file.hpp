#pragma once

#include "app/document.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <string>

namespace gw::app {

// All of a file of at most `bytes_max`, as UTF-8 without a byte order mark: a file that begins with
// the mark of UTF-16 is converted. Errors name the file.
Result<std::string> read_text_file(const std::string& name, std::size_t bytes_max = file_bytes_max);

// The same for a file whose name may hold a secret: errors do not name it, as in "cannot be read".
Result<std::string> read_unnamed_file(
    const std::string& name, std::size_t bytes_max = file_bytes_max
);

}  // namespace gw::app
