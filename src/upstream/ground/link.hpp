#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/peer.hpp"
#include "upstream/ground/config.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace gw::upstream {

// What a link is for.
struct LinkPurpose {
    mcp::ClientCapabilities capabilities;  // Of those for whom it calls; declared to the server.
    bool hears_changes = false;            // Of lists; only the catalogue has a use for that.

    // What is spoken with a server that speaks both eras: that of those for whom it calls, because
    // a server may do in one what it cannot do in the other. The catalogue calls for both.
    Era prefers = Era::stateless;

    // For whom it calls: a principal, or nobody but the gateway.
    std::string owner = {};

    // Begins to close it, unless it is in use, and is true then: where there may be no more links,
    // one ends so that there is room for another. Empty: it is always in use.
    std::function<bool()> give_up = nullptr;

    // Called when an open session is found to be lost otherwise than by what a call is answered;
    // the link is not usable any more then. May be empty.
    std::function<void()> lost = nullptr;
};

// One upstream session on one kind of transport: HTTP or a child's pipes. It moves messages and
// matches answers; what they mean is Lease's business. A port.
//
// It belongs to one shard. open() comes first and succeeds once; close() ends it, and is awaited
// before it is destroyed, after a failed open() too. What the server says or asks outside of calls
// goes to the `outside` exchange that the link was made with.
class Link {
public:
    virtual ~Link() = default;

    // Connects, sends initialize with `params`, and then notifications/initialized. The result of
    // initialize, or what a stateless server says in its stead. The bound is the fiber's deadline;
    // who wants it to end sooner cancels its fiber.
    virtual Task<Result<Slice>> open(std::string_view params) = 0;

    // Sends a request and waits for its answer, as mcp::Peer::call does; many may run at a time.
    // Errc::unknown_session when the server has forgotten the session, so that the request cannot
    // have run. After request.deadline, or when the call was withdrawn, the server is told so.
    // While the caller hears progress the deadline moves on: it bounds silence.
    virtual Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) = 0;

    // Sends a notification, soon; does not wait, and it is lost when the connection is.
    virtual void notify(std::string_view method, std::string_view params) = 0;

    // False once nothing can be called any more: the child died, the stream ended.
    virtual bool is_usable() const = 0;

    // True when the server has no session, so that requests carry an envelope. Known once open()
    // succeeded.
    virtual bool is_stateless() const { return false; }

    // True when it speaks an era that it does not prefer only because the other could not be had at
    // the time: one that is opened now may be better.
    virtual bool is_makeshift() const { return false; }

    // True when it failed a call because a server with sessions seems to have taken the place of a
    // stateless one: only that may run the call.
    virtual bool leaves_calls_to_sessions() const { return false; }

    // Ends the session, tells the server as its transport wants it, and returns when nothing of it
    // runs any more: calls end soon with Errc::cancelled, and have left when this returns. Called
    // once, and not before open() has returned.
    virtual Task<> close() = 0;
};

}  // namespace gw::upstream
