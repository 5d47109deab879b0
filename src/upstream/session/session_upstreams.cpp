#include "upstream/session/session_upstreams.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gw::upstream {

SessionUpstreams::SessionUpstreams(
    Hub& hub, session::Session& session, const gateway::TaskSeal& task_seal
)
    : hub_(hub), session_(session), task_seal_(task_seal) {}

SessionUpstreams::~SessionUpstreams() = default;

Result<mcp::Peer*> SessionUpstreams::connect(const auth::Permit& permit) {
    if (is_closed_) return fail(Errc::unknown_session, "Session not found");
    for (auto& each : leases_) {
        if (each->upstream == permit.upstream()) return &each->lease;
    }
    const auto pool = std::ranges::find(pools_, permit.upstream(), [](const auto& each) {
        return each->upstream();
    });
    if (pool != pools_.end()) return pool->get();
    return connect_anew(permit.upstream());
}

Result<mcp::Peer*> SessionUpstreams::connect_anew(auth::UpstreamIndex upstream) {
    auto server = hub_.reach(upstream);
    if (!server) return fail(Errc::not_found, "the server is not configured any more");
    if (leases_.empty() && pools_.empty()) hub_.add_sweep(this, [this] { close_idle(); });
    if (!mcp::features(session_.terms().revision).sessions) {
        pools_.push_back(std::make_unique<LeasePool>(hub_, session_, upstream, std::move(server)));
        return pools_.back().get();
    }
    const auto changed = [this](SessionLease&) { has_own_listings_ = true; };
    leases_.push_back(std::make_shared<SessionLease>(
        hub_, session_, upstream, std::move(server), changed, &task_seal_
    ));
    return &leases_.back()->lease;
}

void SessionUpstreams::each_open(const std::function<void(mcp::Peer&)>& visit) {
    for (auto& each : leases_) {
        if (each->lease.is_open()) visit(each->lease);
    }
}

Task<Result<catalog::ListingHandle>> SessionUpstreams::own_listing(auth::UpstreamIndex upstream) {
    const auto found =
        std::ranges::find(leases_, upstream, [](const auto& each) { return each->upstream; });
    if (found == leases_.end() || !(*found)->is_own) co_return catalog::ListingHandle();
    // The session may end meanwhile.
    const auto one = *found;  // NOLINT(performance-unnecessary-copy-initialization)
    if (!std::exchange(one->is_stale, false)) co_return one->own;
    auto listing = co_await one->lease.list(*one);
    if (!listing) {
        one->is_stale = true;
        co_return std::unexpected(std::move(listing).error());
    }
    one->own = *listing;
    co_return one->own;
}

// A child process that nobody uses is ended; the next call starts another. No call comes to a
// server that is gone.
void SessionUpstreams::close_idle() {
    auto& around = hub_.around();
    for (auto& each : leases_) {
        const bool is_process = each->server->config().transport == Transport::stdio;
        const auto unused = around.shard.now() - each->lease.last_used();
        const bool is_idle = each->lease.is_open() && !each->lease.has_subscriptions() &&
                             unused > around.limits.process_idle_timeout;
        if (is_process && is_idle) {
            each->lease.drop();
        } else if (each->server->gone_since) {
            each->lease.give_up();
        }
    }
    for (auto& each : pools_)
        each->close_idle();
}

void SessionUpstreams::close() {
    if (std::exchange(is_closed_, true) || (leases_.empty() && pools_.empty())) return;
    hub_.remove_sweep(this);
    ++session_.users;
    auto all = std::move(leases_);
    for (auto& each : pools_)
        std::ranges::copy(each->end(), std::back_inserter(all));
    hub_.gate().spawn(close_all(std::move(all), session_));
}

Task<> SessionUpstreams::close_all(Leases leases, session::Session& session) {
    for (auto& each : leases)
        each->lease.end();
    for (auto& each : leases)
        co_await each->close();
    --session.users;
}

}  // namespace gw::upstream
