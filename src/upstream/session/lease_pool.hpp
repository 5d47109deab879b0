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

// One upstream server, for the calls of stateless clients that share a client session: all of one
// principal with the same capabilities.
//
// A call in which a server with sessions may ask something has an upstream session to itself. Else
// nobody could tell for whom the server asks outside of calls; and such a call may be parked. All
// other calls, and all to a stateless server, share one upstream session.
//
// Calls with a session to themselves are counted by owner: a principal, or an address where there
// are no tokens. At the limit of an owner one of its calls that nobody waits for gives way, because
// its client was asked something and has not come back; if there is none the new call waits, behind
// others of that owner only.
//
// It belongs to one shard. What end() returns is closed before the hub and the session end.
class LeasePool final : public mcp::Peer {
public:
    static constexpr std::chrono::seconds idle_max{30};

    // Both outlive it.
    LeasePool(
        Hub& hub, session::Session& session, auth::UpstreamNumber which, ReachedHandle reached
    );

    // As mcp::Peer has it. Errc::too_many when there is no room: at once when there are too many
    // already, or at the deadline when the call had to wait until then.
    //
    // Of resources/subscribe and resources/unsubscribe the server is told the first and the last
    // for each resource; the last in the background.
    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override;
    bool may_require_input() const override;
    void notify(std::string_view method, std::string_view params) override;

    std::string_view name() const override { return shared_->lease.name(); }

    // As SessionLease has these two.
    void move_to(auth::UpstreamNumber number, const ReachedHandle& reached);
    void leave();

    bool is_gone() const { return server().gone_since.has_value(); }

    // Drops the links of sessions that nobody has used for idle_max, or for process_idle_timeout if
    // that is shorter and they are processes; when the server is gone, of all that are not in use.
    // To be called now and then.
    void close_idle();

    // Ends the wait of calls, and no call with a session to itself begins any more. The caller
    // closes the leases that it returns.
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

    Reached& server() const { return *shared_->server; }

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
    const CallsAlone& limits_;  // Those of the hub, which a reload changes.
    std::shared_ptr<SessionLease> shared_;
    // A call finishes with its lease, and the session with all of them, in either order.
    std::vector<std::shared_ptr<SessionLease>> alone_;
    Shares shares_;            // Of owners who have something under way.
    std::size_t running_ = 0;  // Of all shares.
    bool has_ended_ = false;
};

}  // namespace gw::upstream
