#pragma once

#include <string_view>

namespace gw::mcp {

// Who we say we are, to clients as serverInfo and to servers as clientInfo.
constexpr std::string_view implementation = R"({"name":"bascule","version":"0.1.0"})";

}  // namespace gw::mcp
