#pragma once

#include "base/buffer.hpp"
#include "web/reply.hpp"

namespace gw::web {

struct Request;

// Appends the answer to OPTIONS: the methods that there are, and which of them and which headers a
// page may use (Fetch, CORS protocol). Returns its status.
int append_preflight(Buffer& out, ReplyHead head, const Request& request);

}  // namespace gw::web
