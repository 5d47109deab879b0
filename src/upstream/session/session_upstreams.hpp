#pragma once

#include "session/session.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/session/lease_pool.hpp"
#include "upstream/session/session_lease.hpp"

#include <memory>
#include <vector>

namespace gw::upstream {

// The upstream sessions of one client session: made when first used, private to it, closed with it.
// It implements the port that session/ has for them, whose contracts hold here.
class SessionUpstreams final : public session::Upstreams {
public:
    // All of these outlive it. The session owns it.
    SessionUpstreams(Hub& hub, session::Session& session, const gateway::TaskSeal& task_seal);
    ~SessionUpstreams() override;

    Result<mcp::Peer*> connect(const auth::Permit& permit) override;
    void each_open(const std::function<void(mcp::Peer&)>& visit) override;
    Task<Result<catalog::ListingHandle>> own_listing(auth::UpstreamIndex upstream) override;

    bool has_own_listings() const override { return has_own_listings_; }

    void close() override;

private:
    using Leases = std::vector<std::shared_ptr<SessionLease>>;

    Result<mcp::Peer*> connect_anew(auth::UpstreamIndex upstream);
    static Task<> close_all(Leases leases, session::Session& session);
    void close_idle();

    Hub& hub_;
    session::Session& session_;
    const gateway::TaskSeal& task_seal_;
    Leases leases_;                                  // Of a client with a session.
    std::vector<std::unique_ptr<LeasePool>> pools_;  // Of a stateless one.
    bool has_own_listings_ = false;
    bool is_closed_ = false;
};

}  // namespace gw::upstream
