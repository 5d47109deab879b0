#pragma once

#include "base/error.hpp"
#include "gateway/call.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::gateway {

// URIs of resources and templates that a client names have at most this size: each is compared with
// all templates at once, and kept by who subscribes.
inline constexpr std::size_t uri_bytes_max = std::size_t{8} * 1024;

// Errc::invalid_params for one over that size; `name` is what the client calls it.
Result<void> check_uri(std::string_view uri, std::string_view name);

// The part of the call's message that is such a URI; Errc::invalid_params else.
Result<std::string> parse_uri(const Call& call, mcp::Part part, std::string_view name);

}  // namespace gw::gateway
