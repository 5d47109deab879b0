#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::mcp {

// Oldest first. All but the last have sessions; that one is stateless.
enum class Revision : std::uint8_t { r2025_03_26, r2025_06_18, r2025_11_25, r2026_07_28 };

constexpr Revision newest = Revision::r2026_07_28;
constexpr Revision newest_with_sessions = Revision::r2025_11_25;

// As clients and servers write it: "2025-11-25".
std::string_view to_string(Revision revision);

// Nothing for a text that is no revision of ours.
std::optional<Revision> parse_revision(std::string_view text);

// What a revision has. One column each.
struct Features {
    bool sessions;        // initialize, Mcp-Session-Id, the GET stream; a server asks its client
                          // by requests. Without: every request stands for itself, and a server
                          // asks by a result of type input_required.
    bool batches;         // A POST may carry an array of messages.
    bool priming_event;   // A stream starts with an id and no data, so that it can be resumed.
    bool resource_links;  // Content of type resource_link.
    bool structured_content;   // structuredContent, outputSchema.
    bool structured_any;       // ... of any JSON type, not objects only.
    bool elicitation;          // elicitation/create in form mode.
    bool elicitation_url;      // ... in url mode, and error -32042.
    bool elicitation_full;     // `mode`, multi-select and titled enums in form mode.
    bool elicitation_id;       // An elicitationId with url mode, and its completion told.
    bool sampling_tools;       // Tools and array content in sampling/createMessage.
    bool execution;            // `execution` on tools, and tasks in the core protocol.
    bool extensions;           // Capabilities have `extensions`, which both sides declare.
    bool result_type;          // resultType, and ttlMs and cacheScope where results can be kept.
    bool not_found_as_params;  // An unknown resource is -32602, not -32002.
};

// The row of a revision; it lives for ever.
const Features& features(Revision revision);

}  // namespace gw::mcp
