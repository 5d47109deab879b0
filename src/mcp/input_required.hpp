#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

// Results of type input_required (2026-07-28, basic/patterns/mrtr): what a server asks of its
// client before a call can be completed, and the state with which the call is made again.
namespace gw::mcp {

struct InputRequest {
    std::string key;          // By which the answer is found.
    std::string method;       // elicitation/create, sampling/createMessage or roots/list.
    std::string_view params;  // A JSON object; may be empty for roots/list.
};

struct InputRequests {
    std::vector<InputRequest> requests;
    std::string_view state;  // A JSON string with its quotes, or empty.
};

// Reads such a result, of which the outcome has views. Errc::upstream_failed when it is no valid
// one: it asks for nothing and has no state, or asks for what is none of the three.
Result<InputRequests> parse_input_required(std::string_view result);

// Such a result of ours, with serverInfo. `quoted_state` may be empty, but not with no requests.
std::string render_input_required(
    const std::vector<InputRequest>& requests, std::string_view quoted_state
);

}  // namespace gw::mcp
