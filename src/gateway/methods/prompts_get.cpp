#include "gateway/methods.hpp"
#include "gateway/named.hpp"

namespace gw::gateway {

// prompts/get: from the upstream server that owns the prompt.
Task<Result<mcp::Answer>> prompts_get(Call& call) {
    call.request.is_repeatable = true;
    return call_named(call, catalog::Kind::prompts);
}

}  // namespace gw::gateway
