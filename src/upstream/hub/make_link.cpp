#include "upstream/http/probing_link.hpp"
#include "upstream/http/sse_link.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/stdio/stdio_link.hpp"

// The kinds of upstream servers: one line each.
namespace gw::upstream {

std::unique_ptr<Link> Hub::make_link(
    auth::UpstreamNumber upstream,
    Reached& server,
    const LinkPurpose& purpose,
    mcp::Exchange& outside
) {
    const auto& config = server.config();
    const auto origin = [&] { return origin_of(server); };
    switch (config.transport) {
        case Transport::stdio: return make_stdio_link(stdio(upstream, server), outside, purpose);
        case Transport::sse: return make_sse_link(around_, config, origin(), outside, purpose);
        case Transport::streamable_http:
        case Transport::automatic:
            return std::make_unique<ProbingLink>(
                around_, config, origin(), server.verdict(), outside, purpose
            );
    }
    return nullptr;
}

}  // namespace gw::upstream
