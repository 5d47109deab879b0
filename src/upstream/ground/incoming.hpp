#pragma once

#include "base/error.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"

#include <string>
#include <string_view>

namespace gw::upstream {

// The answer in `message`, a response that was scanned, with the buffer that it came in.
mcp::Answer to_answer(Slice message, const mcp::Scan& scan);

// The notification in `text`; `method` receives its name without quotes.
mcp::Notification to_notification(
    std::string_view text, const mcp::Scan& scan, std::string& method
);

// What a server may say of a task's status (2025-11-25, basic/utilities/tasks).
constexpr std::string_view task_status = "notifications/tasks/status";

// True for notifications that belong to no call, whatever runs when they come.
bool is_of_no_call(std::string_view method);

// What an answer to a request of the server looks like on the wire. Errc::cancelled means that its
// user went away: an elicitation is cancelled then, and sampling is refused as a user would.
std::string to_response(
    std::string_view id, std::string_view method, const Result<mcp::Answer>& answer
);

}  // namespace gw::upstream
