#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::mcp {

// The revisions of the session era, oldest first.
enum class Revision : std::uint8_t { r2025_03_26, r2025_06_18, r2025_11_25 };

constexpr Revision newest = Revision::r2025_11_25;

std::string_view to_string(Revision revision);

std::optional<Revision> parse_revision(std::string_view text);

// What a revision has, and the ones before it have not. One column each.
struct Features {
    bool batches;             // A POST may carry an array of messages.
    bool priming_event;       // A stream starts with an id and no data, so that it can be resumed.
    bool resource_links;      // Content of type resource_link.
    bool structured_content;  // structuredContent, outputSchema.
    bool elicitation;         // elicitation/create in form mode.
    bool elicitation_url;     // ... in url mode, and error -32042.
    bool sampling_tools;      // Tools in sampling/createMessage.
};

const Features& features(Revision revision);

}  // namespace gw::mcp
