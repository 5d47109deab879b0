#pragma once

#include "transport/incoming.hpp"
#include "web/connection.hpp"

namespace gw::transport {

// Answers a POST: one message, or (2025-03-26) an array of them. `incoming` has passed the
// pipeline, and stays as it is until this returns.
Task<> answer_post(web::Connection& connection, Incoming& incoming);

}  // namespace gw::transport
