#pragma once

#include "async/event.hpp"
#include "mcp/peer.hpp"
#include "session/session.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/session/session_lease.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gw::upstream {

// One upstream server as the calls of a stateless client see it, who share a session (all of one
// principal that can do the same). A call during which a server with sessions may ask something has
// an upstream session for itself: what is asked outside of calls could not be told apart else, and
// the call may be parked. All others, and all calls of a stateless server, share one.
//
// Those calls are counted by who makes them: a principal, or an address where there are no tokens.
// At a limit a call of the same owner gives way that nobody waits for, because its client was asked
// and has not come back; else the new one waits behind others of that owner only.
class LeasePool final : public mcp::Peer {
public:
    // How many calls may have one for themselves.
    struct Limits {
        std::size_t of_one_owner = 64;
        std::size_t waiting_of_one_owner = 256;
        std::size_t in_all = 1024;
    };

    static constexpr std::chrono::seconds idle_max{30};

    // Both outlive it.
    LeasePool(Hub& hub, session::Session& session, auth::UpstreamIndex which)
        : LeasePool(hub, session, which, Limits()) {}

    LeasePool(Hub& hub, session::Session& session, auth::UpstreamIndex which, const Limits& limits);

    // resources/subscribe and resources/unsubscribe count: the server is told of the first and the
    // last of a resource, and of the last in the background.
    //
    // Errc::too_many when there is no room: at once, or when the call had to wait until its
    // deadline.
    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override;
    bool may_require_input() const override;
    void notify(std::string_view method, std::string_view params) override;

    auth::UpstreamIndex upstream() const { return shared_->upstream; }

    // Closes what nobody has used for idle_max, or for as long as a process may be idle; and what
    // is not in use, when the server is gone.
    void close_idle();

    // Nothing is begun afterwards. What is left has to be closed.
    std::vector<std::shared_ptr<SessionLease>> end();

private:
    struct Turn;     // A call that waits for its turn.
    struct Running;  // A call that has a lease for itself.

    // What one owner has under way.
    struct Share {
        std::list<Running*> running = {};  // The oldest first; without those that give way.
        std::list<Turn*> waiting = {};
        std::size_t users = 0;  // Calls that have not returned.
    };

    using Shares = std::map<std::string, Share, std::less<>>;

    Task<Result<mcp::Answer>> subscribe(mcp::Request request);
    bool needs_own(const mcp::Request& request) const;
    Task<Result<mcp::Answer>> call_alone(mcp::Request request, mcp::Exchange& caller);
    Result<bool> has_room(Share& share);
    Task<Result<void>> wait(Share& share, TimePoint deadline, mcp::Exchange& caller);
    bool give_way(Share& share);
    void leave(Shares::iterator at);
    void wake();
    std::shared_ptr<SessionLease> make();
    std::shared_ptr<SessionLease> take();

    Hub& hub_;
    session::Session& session_;
    const Limits limits_;
    std::shared_ptr<SessionLease> shared_;
    // A call finishes with its lease, and the session with all of them, in either order.
    std::vector<std::shared_ptr<SessionLease>> alone_;
    Shares shares_;            // Of owners who have something under way.
    std::size_t running_ = 0;  // Of all shares.
    bool has_ended_ = false;
};

}  // namespace gw::upstream
