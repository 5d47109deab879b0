#include "upstream/session/session_upstreams.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gw::upstream {

namespace {

std::string_view name_of(const SessionLease& lease) {
    return lease.lease.name();
}

std::string_view name_of(const LeasePool& pool) {
    return pool.name();
}

mcp::PeerHandle peer_of(const std::shared_ptr<SessionLease>& lease) {
    return {lease, &lease->lease};
}

}  // namespace

SessionUpstreams::SessionUpstreams(
    Hub& hub, session::Session& session, const gateway::TaskSeal& task_seal
)
    : hub_(hub), session_(session), task_seal_(task_seal) {}

SessionUpstreams::~SessionUpstreams() = default;

Result<mcp::PeerHandle> SessionUpstreams::connect(const auth::Permit& permit) {
    if (is_closed_) return fail(Errc::unknown_session, "Session not found");
    const auto lease = leases_.find(permit.upstream());
    if (lease != leases_.end()) return peer_of(lease->second);
    const auto pool = pools_.find(permit.upstream());
    if (pool != pools_.end()) return pool->second;
    return connect_anew(permit.upstream());
}

Result<mcp::PeerHandle> SessionUpstreams::connect_anew(auth::UpstreamNumber upstream) {
    auto server = hub_.reach(upstream);
    if (!server) return fail(Errc::not_found, "the server is not configured any more");
    if (server->gone_since) {
        if (auto known = find(server->config().name)) return known;
    }
    if (!std::exchange(is_swept_, true)) hub_.add_sweep(this, [this] { close_idle(); });
    if (!mcp::features(session_.terms().revision).sessions) {
        auto made = std::make_shared<LeasePool>(hub_, session_, upstream, std::move(server));
        return pools_.emplace(upstream, std::move(made)).first->second;
    }
    const auto changed = [this](SessionLease&) { has_own_listings_ = true; };
    auto made = std::make_shared<SessionLease>(
        hub_, session_, upstream, std::move(server), changed, &task_seal_
    );
    return peer_of(leases_.emplace(upstream, std::move(made)).first->second);
}

// For a call that was on its way when its server was reached in another way, or went.
mcp::PeerHandle SessionUpstreams::find(std::string_view name) const {
    for (const auto& [upstream, each] : leases_) {
        if (each->lease.name() == name) return peer_of(each);
    }
    for (const auto& [upstream, each] : pools_) {
        if (each->name() == name) return each;
    }
    for (const auto& each : left_leases_) {
        if (each->lease.name() == name) return peer_of(each);
    }
    for (const auto& each : left_pools_) {
        if (each->name() == name) return each;
    }
    return nullptr;
}

void SessionUpstreams::each_open(const std::function<void(mcp::Peer&)>& visit) {
    for (const auto& [upstream, each] : leases_) {
        if (each->lease.is_open()) visit(each->lease);
    }
}

Task<Result<catalog::ListingHandle>> SessionUpstreams::own_listing(auth::UpstreamNumber upstream) {
    const auto found = leases_.find(upstream);
    if (found == leases_.end() || !found->second->is_own) co_return catalog::ListingHandle();
    // The session may end meanwhile.
    const auto one = found->second;  // NOLINT(performance-unnecessary-copy-initialization)
    if (!std::exchange(one->is_stale, false)) co_return one->own;
    auto listing = co_await one->lease.list(*one);
    if (!listing) {
        one->is_stale = true;
        co_return std::unexpected(std::move(listing).error());
    }
    one->own = *listing;
    co_return one->own;
}

bool SessionUpstreams::tells_changes(auth::UpstreamNumber upstream) const {
    const auto found = leases_.find(upstream);
    return found != leases_.end() && found->second->is_own && found->second->lease.is_open();
}

std::vector<std::uint64_t> SessionUpstreams::sessions_with_tasks(const mcp::Peer& peer) const {
    for (const auto& [upstream, each] : leases_) {
        const mcp::Peer& lease = each->lease;
        if (&lease == &peer) return each->lease.sessions_with_tasks();
    }
    return {};
}

void SessionUpstreams::reconfigure(const Numbers& numbers) {
    follow(leases_, left_leases_, numbers);
    follow(pools_, left_pools_, numbers);
}

// A server that is reached as before keeps its number.
template <typename Handle>
void SessionUpstreams::follow(
    std::unordered_map<auth::UpstreamNumber, Handle>& all,
    std::vector<Handle>& left,
    const Numbers& numbers
) {
    for (auto& [number, each] : std::exchange(all, {})) {
        const auto now = numbers(name_of(*each));
        auto server = now ? hub_.reach(*now) : nullptr;
        if (!server || !all.emplace(*now, each).second) {
            each->leave();
            left.push_back(std::move(each));
        } else if (*now != number) {
            each->move_to(*now, std::move(server));
        }
    }
}

// A child process that nobody uses is ended; the next call starts another. A call that was on its
// way when its server went may have come to it since.
void SessionUpstreams::close_idle() {
    for (const auto& [upstream, each] : leases_)
        close_idle(*each);
    for (const auto& [upstream, each] : pools_)
        each->close_idle();
    forget_left();
}

void SessionUpstreams::close_idle(SessionLease& lease) {
    auto& around = hub_.around();
    const bool is_process = lease.server->config().transport == Transport::stdio;
    const bool is_idle =
        lease.lease.is_open() && !lease.lease.has_subscriptions() &&
        around.shard.now() - lease.lease.last_used() > around.limits.process_idle_timeout;
    if (is_process && is_idle) lease.lease.drop();
}

void SessionUpstreams::forget_left() {
    const auto move_gone = [](auto& all, auto& left) {
        std::erase_if(all, [&left](auto& each) {
            if (!each.second->is_gone()) return false;
            each.second->leave();
            left.push_back(std::move(each.second));
            return true;
        });
    };
    move_gone(leases_, left_leases_);
    move_gone(pools_, left_pools_);
    Leases unused;
    std::erase_if(left_leases_, [&unused](auto& each) {
        if (each.use_count() > 1 || each->lease.is_used()) return false;
        unused.push_back(std::move(each));
        return true;
    });
    std::erase_if(left_pools_, [&unused](auto& each) {
        each->close_idle();
        if (each.use_count() > 1) return false;
        std::ranges::copy(each->end(), std::back_inserter(unused));
        return true;
    });
    if (unused.empty()) return;
    ++session_.users;
    hub_.gate().spawn(close_all(std::move(unused)));
}

void SessionUpstreams::close() {
    if (std::exchange(is_closed_, true) || !is_swept_) return;
    hub_.remove_sweep(this);
    ++session_.users;
    auto all = std::move(left_leases_);
    for (auto& [upstream, each] : std::exchange(leases_, {}))
        all.push_back(std::move(each));
    for (const auto& [upstream, each] : pools_)
        std::ranges::copy(each->end(), std::back_inserter(all));
    for (const auto& each : left_pools_)
        std::ranges::copy(each->end(), std::back_inserter(all));
    hub_.gate().spawn(close_all(std::move(all)));
}

Task<> SessionUpstreams::close_all(Leases leases) {
    for (auto& each : leases)
        each->lease.end();
    for (auto& each : leases)
        co_await each->close();
    --session_.users;
}

}  // namespace gw::upstream
