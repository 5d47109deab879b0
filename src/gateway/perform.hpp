#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Makes the call of a method in whose course the client may be asked something (tools/call,
// prompts/get, resources/read), in the way that the client's revision has for that. call.request is
// ready to go to call.server.
Task<Result<mcp::Answer>> perform(Call& call);

// Errc::invalid_params when the call goes on with what a server asked that `view` does not show any
// more. Where what it names is not found either, that says more.
Result<void> check_server_of_state(const Call& call, const catalog::VisibleView& view);

}  // namespace gw::gateway
