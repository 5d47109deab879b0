#pragma once

#include "auth/permit.hpp"
#include "base/error.hpp"
#include "catalog/listing.hpp"
#include "mcp/peer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace gw::session {

// The upstream sessions of one client session, each private to it and opened by its first call. A
// port: module upstream implements it.
class Upstreams {
public:
    virtual ~Upstreams() = default;

    // The upstream server that the permit is for; what was checked is what is reached.
    virtual Result<mcp::PeerHandle> connect(const auth::Permit& permit) = 0;

    // Calls `visit` for each one that is open now.
    virtual void each_open(const std::function<void(mcp::Peer&)>& visit) = 0;

    // What this session's own upstream session lists, when it may differ from what others see:
    // null until the server has told this session of a change.
    virtual Task<Result<catalog::ListingHandle>> own_listing(auth::UpstreamNumber upstream) = 0;

    // True when own_listing() would give something else than null.
    virtual bool has_own_listings() const = 0;

    // True when its own upstream session at the server tells the client of changes of lists, so
    // that nobody else has to.
    virtual bool tells_changes(auth::UpstreamNumber upstream) const = 0;

    // The upstream sessions at `peer`, one of connect(), that gave way to another and in which
    // tasks of the client may still run: mcp::Request::session.
    virtual std::vector<std::uint64_t> sessions_with_tasks(const mcp::Peer& peer) const = 0;

    // What is behind the session's virtual server now under a server's name, if it is.
    using Numbers = std::function<std::optional<auth::UpstreamNumber>(std::string_view name)>;

    // The configuration has changed. A server that is reached in another way goes on under its
    // name, with all that the session has told it; what is not there any more ends as soon as its
    // calls have. Who may use what goes on is asked for each call.
    virtual void reconfigure(const Numbers& numbers) = 0;

    // Begins to end them all. Nothing is called afterwards.
    virtual void close() = 0;
};

}  // namespace gw::session
