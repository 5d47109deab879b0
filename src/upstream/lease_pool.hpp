#pragma once

#include "async/event.hpp"
#include "mcp/peer.hpp"
#include "session/session.hpp"
#include "upstream/hub.hpp"
#include "upstream/session_lease.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <vector>

namespace gw::upstream {

// One upstream server as the calls of a stateless client see it, who share a session (all of one
// principal that can do the same). A call during which a server with sessions may ask something has
// an upstream session for itself: what is asked outside of calls could not be told apart else, and
// the call may be parked. All others, and all calls of a stateless server, share one.
class LeasePool final : public mcp::Peer {
public:
    // How many calls may have one for themselves; more wait.
    static constexpr std::size_t alone_max_usual = 64;
    static constexpr std::chrono::seconds idle_max{30};

    // Both outlive it.
    LeasePool(
        Hub& hub,
        session::Session& session,
        auth::UpstreamIndex which,
        std::size_t alone_max = alone_max_usual
    );

    // resources/subscribe and resources/unsubscribe count: the server is told of the first and the
    // last of a resource, and of the last in the background.
    //
    // Errc::too_many when the call had to wait until its deadline.
    Task<Result<mcp::Answer>> call(mcp::Request request, mcp::Exchange& caller) override;
    bool may_require_input() const override;
    void notify(std::string_view method, std::string_view params) override;

    auth::UpstreamIndex upstream() const { return shared_->upstream; }

    // Closes what nobody has used for idle_max.
    void close_idle();

    // Nothing is begun afterwards. What is left has to be closed.
    std::vector<std::shared_ptr<SessionLease>> end();

private:
    struct Turn;  // A call that waits for its turn.

    Task<Result<mcp::Answer>> subscribe(mcp::Request request);
    bool needs_own(const mcp::Request& request) const;
    Task<Result<mcp::Answer>> call_alone(mcp::Request request, mcp::Exchange& caller);
    Task<Result<void>> wait(TimePoint deadline, mcp::Exchange& caller);
    std::shared_ptr<SessionLease> make();
    std::shared_ptr<SessionLease> take();

    Hub& hub_;
    session::Session& session_;
    const std::size_t alone_max_;
    std::shared_ptr<SessionLease> shared_;
    // A call finishes with its lease, and the session with all of them, in either order.
    std::vector<std::shared_ptr<SessionLease>> alone_;
    std::size_t taken_ = 0;
    std::list<Turn*> waiting_;
    bool has_ended_ = false;
};

}  // namespace gw::upstream
