#pragma once

#include "session/session.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/session/lease_pool.hpp"
#include "upstream/session/session_lease.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace gw::upstream {

// The upstream sessions of one client session: made when first used, private to it, closed with it,
// or before when the client may not reach their server any more and has no call there.
// It implements the port that session/ has for them, whose contracts hold here.
class SessionUpstreams final : public session::Upstreams {
public:
    // All of these outlive it. The session owns it.
    SessionUpstreams(Hub& hub, session::Session& session, const gateway::TaskSeal& task_seal);
    ~SessionUpstreams() override;

    Result<mcp::PeerHandle> connect(const auth::Permit& permit) override;
    void each_open(const std::function<void(mcp::Peer&)>& visit) override;
    Task<Result<catalog::ListingHandle>> own_listing(auth::UpstreamNumber upstream) override;

    bool has_own_listings() const override { return has_own_listings_; }

    bool tells_changes(auth::UpstreamNumber upstream) const override;
    std::vector<std::uint64_t> sessions_with_tasks(const mcp::Peer& peer) const override;

    void reconfigure(const Numbers& numbers) override;
    void close() override;

private:
    using LeaseHandle = std::shared_ptr<SessionLease>;
    using PoolHandle = std::shared_ptr<LeasePool>;
    using Leases = std::vector<LeaseHandle>;

    Result<mcp::PeerHandle> connect_anew(auth::UpstreamNumber upstream);
    mcp::PeerHandle find(std::string_view name) const;
    template <typename Handle>
    void follow(
        std::unordered_map<auth::UpstreamNumber, Handle>& all,
        std::vector<Handle>& left,
        const Numbers& numbers
    );
    Task<> close_all(Leases leases);
    void close_idle();
    void close_idle(SessionLease& lease);
    void forget_left();

    Hub& hub_;
    session::Session& session_;
    const gateway::TaskSeal& task_seal_;
    // Of a client with a session, and of a stateless one: by the number that the server has now.
    std::unordered_map<auth::UpstreamNumber, LeaseHandle> leases_;
    std::unordered_map<auth::UpstreamNumber, PoolHandle> pools_;
    // Of servers that it may not reach any more, until nobody uses them.
    Leases left_leases_;
    std::vector<PoolHandle> left_pools_;
    bool has_own_listings_ = false;
    bool is_swept_ = false;
    bool is_closed_ = false;
};

}  // namespace gw::upstream
