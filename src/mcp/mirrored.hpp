#pragma once

#include "base/error.hpp"
#include "mcp/header_value.hpp"
#include "mcp/peer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Arguments of tools that also go as headers, Mcp-Param-NAME, so that what stands between can
// route by them (2026-07-28, basic/transports/streamable-http, Custom Headers from Tool
// Parameters).
namespace gw::mcp {

// One argument that is mirrored.
struct MirrorRule {
    enum class Type : std::uint8_t { string, integer, boolean };

    std::string header;             // Without "Mcp-Param-".
    std::vector<std::string> path;  // The names that lead to it from the arguments.
    Type type = Type::string;

    bool operator==(const MirrorRule&) const = default;
};

// The x-mcp-header annotations in the inputSchema of `tool`, JSON text of a tool as it is listed.
// Errc::invalid_params with the reason when one of them is invalid: then a client must not use the
// tool.
Result<std::vector<MirrorRule>> mirror_rules(std::string_view tool);

// What to send with a call. Arguments that are null, not there, or of a type that has no header are
// left out. `arguments` is checked JSON text, or empty. Errc::invalid_request when a name on a path
// stands twice in its object.
Result<std::vector<MirroredArgument>> mirror(
    const std::vector<MirrorRule>& rules, std::string_view arguments
);

// Gives the value of a header by its whole name, without white space around it.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

// A header of a client that is one for an argument by its name, but none of `rules` has, is
// forwarded and otherwise ignored (Server Behavior for Custom Headers): it is added to `all` as it
// came. Any other header is not.
void pass_unknown(
    std::vector<MirroredArgument>& all,
    const std::vector<MirrorRule>& rules,
    std::string_view name,
    std::string_view value
);

// Whether the headers that came with a call say what its arguments say. Errc::header_mismatch with
// a text for the client. A header for an argument that is null or not there may say anything, if
// it can be read. An array or object has no header.
Result<void> check_mirrored(
    const std::vector<MirrorRule>& rules, std::string_view arguments, const HeaderLookup& header
);

}  // namespace gw::mcp
