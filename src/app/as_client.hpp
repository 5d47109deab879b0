#pragma once

#include "app/endpoint_choice.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "upstream/lease/lease.hpp"

#include <functional>

namespace gw::app {

// A gateway, as a client speaks to it with a session. What fails is told in words for who asks a
// gateway: to the parts that it is made of, that is an upstream.
class GatewayClient {
public:
    GatewayClient(upstream::Lease& server, const ChosenEndpoint& endpoint)
        : server_(server), endpoint_(endpoint) {}

    // Everything that the gateway lists, and one call; as upstream::Lease has them, but for the
    // words of what fails.
    Task<Result<catalog::ListingHandle>> list();
    Task<Result<mcp::Answer>> call(mcp::Request request);

private:
    upstream::Lease& server_;
    const ChosenEndpoint& endpoint_;
};

// Something that a command does as a client.
using ClientWork = std::function<Task<Result<void>>(GatewayClient& gateway)>;

// Connects to the endpoint as any client does; does `work`, and leaves. Returns when all that is
// over.
Result<void> do_as_client(const ChosenEndpoint& endpoint, const ClientWork& work);

}  // namespace gw::app
