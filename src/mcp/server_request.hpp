#pragma once

#include "base/error.hpp"
#include "mcp/revision.hpp"

#include <string>
#include <string_view>

namespace gw::mcp {

// The params of what a server asks (elicitation/create, sampling/createMessage, roots/list) in the
// words of a client with these features. `params` is a checked JSON object or empty, and comes back
// as it is when nothing has to change. `minted_id` is the elicitationId for clients that want one
// where the server gave none.
//
// Errc::capability_missing, with data that names the capability, when the revision has no words for
// it; Errc::upstream_failed when what is asked is no such thing in any revision.
Result<std::string> adapt_request(
    std::string_view method,
    std::string_view params,
    const Features& client,
    std::string_view minted_id
);

}  // namespace gw::mcp
