#include "mcp/revision.hpp"

#include <array>
#include <cstddef>

namespace gw::mcp {

namespace {

struct Row {
    std::string_view name;
    Features features;
};

// One row a revision. Sources: the change log of each revision.
constexpr std::array rows{
    Row{"2025-03-26",
        {.sessions = true,
         .batches = true,
         .priming_event = false,
         .resource_links = false,
         .structured_content = false,
         .structured_any = false,
         .elicitation = false,
         .elicitation_url = false,
         .elicitation_full = false,
         .elicitation_id = false,
         .sampling_tools = false,
         .execution = false,
         .extensions = false,
         .result_type = false,
         .not_found_as_params = false}},
    Row{"2025-06-18",
        {.sessions = true,
         .batches = false,
         .priming_event = false,
         .resource_links = true,
         .structured_content = true,
         .structured_any = false,
         .elicitation = true,
         .elicitation_url = false,
         .elicitation_full = false,
         .elicitation_id = false,
         .sampling_tools = false,
         .execution = false,
         .extensions = false,
         .result_type = false,
         .not_found_as_params = false}},
    Row{"2025-11-25",
        {.sessions = true,
         .batches = false,
         .priming_event = true,
         .resource_links = true,
         .structured_content = true,
         .structured_any = false,
         .elicitation = true,
         .elicitation_url = true,
         .elicitation_full = true,
         .elicitation_id = true,
         .sampling_tools = true,
         .execution = true,
         .extensions = false,
         .result_type = false,
         .not_found_as_params = false}},
    Row{"2026-07-28",
        {.sessions = false,
         .batches = false,
         .priming_event = false,
         .resource_links = true,
         .structured_content = true,
         .structured_any = true,
         .elicitation = true,
         .elicitation_url = true,
         .elicitation_full = true,
         .elicitation_id = false,
         .sampling_tools = true,
         .execution = false,
         .extensions = true,
         .result_type = true,
         .not_found_as_params = true}},
};

}  // namespace

std::string_view to_string(Revision revision) {
    return rows.at(static_cast<std::size_t>(revision)).name;
}

std::optional<Revision> parse_revision(std::string_view text) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows.at(i).name == text) return static_cast<Revision>(i);
    }
    // The first revision is spoken like the next: it differs in the transport, HTTP+SSE, and in
    // what it lacks. Clients and servers use it over the transports of the later ones.
    if (text == "2024-11-05") return Revision::r2025_03_26;
    return {};
}

const Features& features(Revision revision) {
    return rows.at(static_cast<std::size_t>(revision)).features;
}

}  // namespace gw::mcp
