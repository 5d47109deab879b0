#pragma once

#include "gateway/call.hpp"
#include "mcp/envelope.hpp"
#include "mcp/scan.hpp"
#include "transport/incoming.hpp"

namespace gw::transport {

// The headers of one HTTP request, as the core may look at them.
class IncomingHeaders final : public gateway::Headers {
public:
    explicit IncomingHeaders(const Incoming& incoming) : incoming_(incoming) {}

    std::optional<std::string_view> value(std::string_view name) const override;
    void each(const Visit& visit) const override;

private:
    const Incoming& incoming_;
};

// Checks what stands around a request of the stateless era, and gives its envelope. The first fault
// counts, in the order in which SDKs look: shape, era, envelope, revision, mirrored headers.
// Arguments that headers mirror are checked later, by who knows the tool.
Result<mcp::Envelope> check_stateless(const Incoming& incoming, const mcp::Scan& scan);

}  // namespace gw::transport
