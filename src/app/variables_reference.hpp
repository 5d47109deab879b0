#pragma once

#include <string>

namespace gw::app {

// Every setting that a variable of the environment can set, in columns for a terminal.
std::string variables_columns();

// The same as a table in Markdown, which docs/environment.md has.
std::string variables_markdown();

}  // namespace gw::app
