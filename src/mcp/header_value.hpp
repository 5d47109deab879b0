#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

// How values of a message go into headers that mirror it (2026-07-28, basic/transports/
// streamable-http, Value Encoding): as they are when they are plain ASCII, else in base64 between
// "=?base64?" and "?=".
namespace gw::mcp {

// `value` is UTF-8. The outcome is visible ASCII and inner spaces.
std::string encode_header_value(std::string_view value);

// What the value of a header, without the white space around it, stands for: UTF-8.
// Errc::header_mismatch when it is in base64 that encode_header_value() would not write, or has
// bytes that no such header has.
Result<std::string> decode_header_value(std::string_view value);

}  // namespace gw::mcp
