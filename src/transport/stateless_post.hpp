#pragma once

#include "mcp/scan.hpp"
#include "transport/incoming.hpp"
#include "web/connection.hpp"

namespace gw::transport {

// True when a POST is of the stateless era. The body decides; a header that names such a revision
// while the body does not is a faulty request of that era.
bool is_stateless(const Incoming& incoming, const mcp::Scan& scan);

// Answers it (2026-07-28, basic/transports/streamable-http).
Task<> answer_stateless(web::Connection& connection, Incoming& incoming, const mcp::Scan& scan);

}  // namespace gw::transport
