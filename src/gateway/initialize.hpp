#pragma once

#include "catalog/visible_view.hpp"
#include "mcp/revision.hpp"
#include "session/session.hpp"

#include <string>
#include <string_view>

namespace gw::gateway {

// What a client asks for in its initialize request: revision (the newest that we speak when it
// asks for one that we do not) and capabilities. Errc::invalid_params when it is not well formed.
Result<session::Terms> parse_initialize(std::string_view params);

// The result of initialize: what the servers of the view can do together, as far as the gateway
// relays it.
std::string initialize_result(const catalog::VisibleView& view, const session::Terms& terms);

}  // namespace gw::gateway
