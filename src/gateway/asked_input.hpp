#pragma once

#include "gateway/call.hpp"
#include "mcp/input_required.hpp"

#include <string>
#include <string_view>

// What a stateless server asks by a result, on its way to a stateless client.
namespace gw::gateway {

// Errc::upstream_failed when it asks for what the client did not declare with this request.
Result<void> check_declared(const Call& call, const mcp::InputRequests& asked);

// `result` with the server's name in front of what it asks users, if call.asker names it, and with
// `state` for its requestState, if it has one. Both are JSON text, and `asked` views into `result`.
std::string presented(
    const Call& call,
    std::string_view result,
    const mcp::InputRequests& asked,
    const std::string& state
);

}  // namespace gw::gateway
