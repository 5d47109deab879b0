#pragma once

#include "gateway/call.hpp"

// One function for each MCP method that the gateway answers; dispatch.cpp has the table.
namespace gw::gateway {

Task<Result<mcp::Answer>> about_core_task(Call& call);
Task<Result<mcp::Answer>> about_task(Call& call);
Task<Result<mcp::Answer>> completion_complete(Call& call);
Task<Result<mcp::Answer>> list(Call& call);
Task<Result<mcp::Answer>> logging_set_level(Call& call);
Task<Result<mcp::Answer>> ping(Call& call);
Task<Result<mcp::Answer>> prompts_get(Call& call);
Task<Result<mcp::Answer>> resources_read(Call& call);
Task<Result<mcp::Answer>> resources_subscribe(Call& call);
Task<Result<mcp::Answer>> server_discover(Call& call);
Task<Result<mcp::Answer>> subscriptions_listen(Call& call);
Task<Result<mcp::Answer>> tasks_list(Call& call);
Task<Result<mcp::Answer>> tools_call(Call& call);

}  // namespace gw::gateway
