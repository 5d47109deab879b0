#pragma once

#include "mcp/peer.hpp"
#include "mcp/progress.hpp"

#include <string_view>

namespace gw::gateway {

// The caller of a call that is made more than once: each time the server counts its progress from
// the beginning, but a client must see it grow (basic/utilities/progress, Progress Flow).
class SteadyProgress final : public mcp::Exchange {
public:
    // Outlived by `caller`.
    explicit SteadyProgress(mcp::Exchange& caller) : caller_(caller) {}

    SteadyProgress(const SteadyProgress&) = delete;
    SteadyProgress& operator=(const SteadyProgress&) = delete;

    ~SteadyProgress() override { caller_.at_peers += at_peers; }

    // Drops progress that is behind what the client has seen.
    Task<Result<void>> notify(mcp::Notification notification) override;

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        return caller_.ask(request);
    }

    void set_withdrawable(mcp::Withdrawable* call) override { caller_.set_withdrawable(call); }

    // A sign of life, a little further than what the client has seen.
    Task<Result<void>> tell(std::string_view message);

private:
    mcp::Exchange& caller_;
    mcp::GrowingProgress progress_;
};

}  // namespace gw::gateway
