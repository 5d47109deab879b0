#pragma once

#include <string_view>

namespace gw::mcp {

// The value of a member of `object`, JSON text that was checked before; empty when there is none,
// or `object` is no object. Other than json::Object it takes what scan() takes: any number of
// members, and names that stand twice if nobody reads them.
std::string_view member(std::string_view object, std::string_view name);

}  // namespace gw::mcp
