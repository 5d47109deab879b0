#pragma once

#include "base/error.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"

#include <string>
#include <string_view>

namespace gw::upstream {

// What a call fails with whose answer is no message of the protocol. `why` is the scan's error; its
// text is ours, and names the limit if one is the reason.
std::unexpected<Error> broken_message(const Error& why);

// The answer in `message`, a response with its `scan`. It keeps the buffer of the message.
mcp::Answer to_answer(Slice message, const mcp::Scan& scan);

// The notification in `text`, with its `scan`. `method` is set to its name, without quotes. The
// result points into `text` and `method`.
mcp::Notification to_notification(
    std::string_view text, const mcp::Scan& scan, std::string& method
);

// What a server may say of a task's status (2025-11-25, basic/utilities/tasks).
constexpr std::string_view task_status = "notifications/tasks/status";

// True for notifications that belong to no call, even if only one runs when they come: changes of
// lists and resources, and the status of tasks.
bool is_of_no_call(std::string_view method);

// The response to a request of the server with this `id`, JSON, and `method`. An error becomes a
// JSON-RPC error. But Errc::cancelled means that the user has gone: then an elicitation is answered
// by "cancel", and sampling is refused as a user would.
std::string to_response(
    std::string_view id, std::string_view method, const Result<mcp::Answer>& answer
);

}  // namespace gw::upstream
