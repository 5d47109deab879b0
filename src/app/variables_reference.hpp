#pragma once

#include <string>

namespace gw::app {

// Every setting that a variable of the environment can set, and the variables of ContextForge that
// are not used, in columns for a terminal.
std::string variables_columns();

// The same as tables in Markdown, which docs/environment.md has.
std::string variables_markdown();

}  // namespace gw::app
