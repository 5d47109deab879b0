#pragma once

#include "gateway/call.hpp"

namespace gw::gateway {

// Puts what came of a call into the words of its client's revision, whichever its server speaks:
// results without what the revision does not know, errors translated. Between two of one revision
// it changes nothing. It is no coroutine, so that calls that need none of it do not pay for a
// frame.
void fit_answer(const Call& call, Result<mcp::Answer>& answer);

}  // namespace gw::gateway
