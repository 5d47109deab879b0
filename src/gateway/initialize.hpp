#pragma once

#include "catalog/visible_view.hpp"
#include "mcp/revision.hpp"
#include "session/session.hpp"

#include <string>
#include <string_view>

namespace gw::gateway {

// What is agreed on with a client.
struct Agreed {
    session::Terms terms;
    std::string version;  // As the client is told: 2024-11-05 has the terms of the one after it.
};

// What a client asks for in its initialize request: revision (the newest that we speak when it
// asks for one that we do not) and capabilities. Errc::invalid_params when it is not well formed.
Result<Agreed> parse_initialize(std::string_view params);

// The result of initialize: what the servers of the view can do together, as far as the gateway
// relays it.
std::string initialize_result(
    const catalog::VisibleView& view, const session::Terms& terms, std::string_view version
);

}  // namespace gw::gateway
