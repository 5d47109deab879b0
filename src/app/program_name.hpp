#pragma once

#include <string>
#include <string_view>

namespace gw::app {

// What messages call a program, by its command as the file writes it: the last part of the path of
// its first word. What stands behind that may be arguments with secrets in them. Empty, if a
// variable is in it: its value is quoted nowhere.
std::string program_name(std::string_view written);

}  // namespace gw::app
