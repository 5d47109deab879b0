#pragma once

#include <string>

namespace gw::app {

// Every setting with default, unit and meaning, in columns for a terminal.
std::string settings_columns();

// The same as a table in Markdown, which docs/operations.md has.
std::string settings_markdown();

}  // namespace gw::app
