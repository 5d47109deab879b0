#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

// Parts of what a server asks, in the words of revisions before 2025-11-25. Empty when those have
// none for it. Errors say what is wrong in any revision.
namespace gw::mcp::impl {

// A requestedSchema: a choice among titles becomes enum and enumNames; a choice of several values
// cannot be asked.
Result<std::string> to_plain_form(std::string_view schema);

// The messages to sample from: one that has several blocks becomes several of the same role; what
// is about the use of tools cannot be said.
Result<std::string> to_single_contents(std::string_view messages);

}  // namespace gw::mcp::impl
