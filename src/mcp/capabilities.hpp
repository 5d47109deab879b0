#pragma once

#include "base/error.hpp"
#include "mcp/revision.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::mcp {

// What the client behind a call declared that it can do, as far as we can relay it. Nobody may ask
// it for more, and upstream servers are told just this: what they list may depend on it.
struct ClientCapabilities {
    bool roots : 1 = false;
    bool roots_list_changed : 1 = false;
    bool sampling : 1 = false;
    bool sampling_tools : 1 = false;
    bool sampling_context : 1 = false;
    bool elicitation_form : 1 = false;
    bool elicitation_url : 1 = false;
    bool tasks : 1 = false;  // The extension io.modelcontextprotocol/tasks; only without a session.

    bool operator==(const ClientCapabilities&) const = default;
};

// Reads the capabilities object of an initialize request or an envelope. What the revision does not
// know counts as not declared.
Result<ClientCapabilities> parse_capabilities(std::string_view object, Revision revision);

// The name of the extension by which tool calls become tasks (SEP-2663). The tasks in the core of
// 2025-11-25 are another thing, and neither stands for the other.
constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

// The same as a JSON object, for what we declare ourselves.
std::string to_json(const ClientCapabilities& capabilities);

// What servers list may depend on three abilities of a client: roots, sampling and elicitation.
// Clients that have the same of them are of one class.
constexpr std::uint8_t list_class_count = 8;

// Below list_class_count. 0 can do none of the three.
std::uint8_t list_class_of(const ClientCapabilities& capabilities);

// All that clients of the class may be able to do: what a server lists to it is for every one of
// them.
ClientCapabilities of_list_class(std::uint8_t list_class);

// True when who can do `all` can do what is `needed`.
bool covers(const ClientCapabilities& all, const ClientCapabilities& needed);

// True when a client with these may be asked `method` (with these params): sampling/createMessage,
// elicitation/create, roots/list.
bool allows(
    const ClientCapabilities& capabilities, std::string_view method, std::string_view params
);

// Why such a client may not be asked that: Errc::capability_missing, or invalid_params when it can
// be asked for input, but not in this mode (2025-11-25, client/elicitation, Error Handling).
Error refusal(const ClientCapabilities& capabilities, std::string_view method);

// A JSON object of the capabilities that such a client needs.
std::string needed_for(std::string_view method, std::string_view params);

}  // namespace gw::mcp
