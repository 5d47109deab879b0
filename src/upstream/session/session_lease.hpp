#pragma once

#include "async/deadline.hpp"
#include "async/event.hpp"
#include "gateway/client_tasks.hpp"
#include "session/session.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/lease/lease.hpp"
#include "upstream/session/shared_subscriptions.hpp"

#include <optional>
#include <vector>

namespace gw::upstream {

// One upstream session of a client session, and who hears what the server says outside of calls:
// the client's GET stream; or, when the client is stateless and has none, the call that runs.
class SessionLease final : public mcp::Exchange {
public:
    // All of it outlives it. `changed` is called when the server says that a list has changed;
    // `task_seal` may be null where the client has no tasks of the core.
    SessionLease(
        Hub& hub,
        session::Session& session,
        auth::UpstreamIndex which,
        std::function<void(SessionLease&)> changed,
        const gateway::TaskSeal* task_seal = nullptr
    );

    // A call of a stateless client that has the lease for itself. What the server asks outside of
    // calls is asked of `caller` until the call has ended; then its questions end, too.
    Task<Result<mcp::Answer>> call_alone(mcp::Request request, mcp::Exchange& caller);

    // Ends everything of it, as Lease::close() does.
    Task<> close();

    // Ends its process, if it has one that is not in use; see LinkPurpose.
    bool give_up();

    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;

    const auth::UpstreamIndex upstream;
    std::optional<gateway::ClientTasks> tasks;  // None: the client has no tasks of the core.
    Lease lease;
    SharedSubscriptions subscriptions;  // Of stateless clients, who share the lease.
    bool is_taken = false;              // By a call that has it for itself.
    bool is_own = false;                // The server told this session of a change.
    bool is_stale = false;              // `own` is older than that, or of another upstream session.
    catalog::ListingHandle own;

private:
    void tell_what_was_missed();
    Task<Result<mcp::Answer>> ask_running(mcp::ServerRequest request);

    Hub& hub_;
    session::Session& session_;
    std::function<void(SessionLease&)> changed_;
    const bool is_stateless_;
    mcp::Exchange* running_ = nullptr;      // Who calls alone.
    std::vector<async::Deadline*> asking_;  // What is asked of it outside of its call.
    async::Event answered_;                 // Nothing is any more.
};

}  // namespace gw::upstream
