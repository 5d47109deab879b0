#include "gateway/methods.hpp"
#include "gateway/named.hpp"

namespace gw::gateway {

// tools/call: runs one tool on the upstream server that owns it. What that server sends before its
// answer goes to the caller.
Task<Result<mcp::Answer>> tools_call(Call& call) {
    return call_named(call, catalog::Kind::tools);
}

}  // namespace gw::gateway
