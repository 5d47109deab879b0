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

// One upstream session of a client session. What the server says outside of calls goes to the
// client's GET stream. A stateless client has none: it hears of the changes that it listens to, and
// is asked by the call that runs.
//
// It belongs to one shard. close() is awaited before it is destroyed.
class SessionLease final : public mcp::Exchange {
public:
    // The references outlive it. `changed`, which may be empty for a stateless client, is called
    // when the server says that a list has changed. `task_seal` may be null where the client has no
    // tasks of the core.
    SessionLease(
        Hub& hub,
        session::Session& session,
        auth::UpstreamNumber which,
        ReachedHandle reached,
        std::function<void(SessionLease&)> changed,
        const gateway::TaskSeal* task_seal = nullptr
    );

    // Makes a call of a stateless client that has the lease to itself; one at a time. What the
    // server asks outside of calls is put to `caller`. Returns when the call and these questions
    // have ended; its errors are those of Lease::call().
    Task<Result<mcp::Answer>> call_alone(mcp::Request request, mcp::Exchange& caller);

    // The server goes on under another number, because it is reached in another way now.
    void move_to(auth::UpstreamNumber number, ReachedHandle reached);

    // The client may not reach the server any more: it hears no more of it outside of calls. Those
    // that run go on.
    void leave();

    bool is_gone() const { return server->gone_since.has_value(); }

    // Ends everything of it, as Lease::close() does. Called once.
    Task<> close();

    // Begins to end its link and returns true, unless it is in use; see LinkPurpose::give_up.
    bool give_up();

    // What the server says and asks outside of calls. Errc::unavailable when a stateless client
    // would have to be asked and no call runs that has the lease to itself.
    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;

    auth::UpstreamNumber upstream;
    ReachedHandle server;
    std::optional<gateway::ClientTasks> tasks;  // None: the client has no tasks of the core.
    Lease lease;
    SharedSubscriptions subscriptions;  // Of stateless clients, who share the lease.
    bool is_taken = false;              // By a call that has it to itself.
    bool is_own = false;                // The server told this session of a change.
    bool is_stale = false;              // `own` is older than that, or of another upstream session.
    catalog::ListingHandle own;

private:
    void tell_what_was_missed();
    void tell_updated(const std::string& uri);
    Task<Result<mcp::Answer>> ask_running(mcp::ServerRequest request);

    Hub& hub_;
    session::Session& session_;
    std::function<void(SessionLease&)> changed_;
    const bool is_stateless_;
    bool has_left_ = false;
    mcp::Exchange* running_ = nullptr;      // Who calls alone.
    std::vector<async::Deadline*> asking_;  // What is asked of it outside of its call.
    async::Event answered_;                 // Nothing is any more.
};

}  // namespace gw::upstream
