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
        {.batches = true,
         .priming_event = false,
         .resource_links = false,
         .structured_content = false,
         .elicitation = false,
         .elicitation_url = false,
         .sampling_tools = false}},
    Row{"2025-06-18",
        {.batches = false,
         .priming_event = false,
         .resource_links = true,
         .structured_content = true,
         .elicitation = true,
         .elicitation_url = false,
         .sampling_tools = false}},
    Row{"2025-11-25",
        {.batches = false,
         .priming_event = true,
         .resource_links = true,
         .structured_content = true,
         .elicitation = true,
         .elicitation_url = true,
         .sampling_tools = true}},
};

}  // namespace

std::string_view to_string(Revision revision) {
    return rows.at(static_cast<std::size_t>(revision)).name;
}

std::optional<Revision> parse_revision(std::string_view text) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows.at(i).name == text) return static_cast<Revision>(i);
    }
    return {};
}

const Features& features(Revision revision) {
    return rows.at(static_cast<std::size_t>(revision)).features;
}

}  // namespace gw::mcp
