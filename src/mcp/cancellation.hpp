#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// notifications/cancelled: how one side takes a request back (basic/utilities/cancellation).
namespace gw::mcp {

// Of what is passed on: it is for people and logs.
constexpr std::size_t reason_bytes_max = 1024;

// What Part::reason says, cut to what is passed on; empty when it is none that is a string.
std::string cancelled_reason(std::string_view reason);

// The params for the request `id`, as it is in JSON, with a reason unless that is empty.
std::string cancelled_params(std::string_view id, std::string_view reason);

}  // namespace gw::mcp
