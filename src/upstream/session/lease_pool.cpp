#include "upstream/session/lease_pool.hpp"

#include "async/deadline.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

struct LeasePool::Turn final : mcp::Withdrawable {
    explicit Turn(async::Loop& loop) : come(loop) {}

    void withdraw() override {
        is_withdrawn = true;
        come.set();
    }

    async::Event come;
    bool is_withdrawn = false;
};

struct LeasePool::Running {
    mcp::Exchange& caller;
    bool has_given_way = false;
};

LeasePool::LeasePool(
    Hub& hub, session::Session& session, auth::UpstreamNumber which, ReachedHandle reached
)
    : hub_(hub),
      session_(session),
      limits_(hub.around().limits.calls_alone),
      shared_(std::make_shared<SessionLease>(hub, session, which, std::move(reached), nullptr)) {}

Task<Result<mcp::Answer>> LeasePool::call(mcp::Request&& request, mcp::Exchange& caller) {
    if (is_subscription(request.method)) return subscribe(std::move(request));
    if (needs_own(request)) return call_alone(std::move(request), caller);
    return shared_->lease.call(std::move(request), caller);
}

// Each subscribe that succeeds is followed by one unsubscribe of the same listener.
Task<Result<mcp::Answer>> LeasePool::subscribe(mcp::Request request) {
    if (request.method == "resources/subscribe") {
        GW_CO_DO(co_await shared_->subscriptions.subscribe(request.params.str()));
    } else {
        shared_->subscriptions.unsubscribe(request.params.str());
    }
    co_return mcp::Completed{.result = Slice(std::string("{}"))};
}

bool LeasePool::may_require_input() const {
    const auto era = server().verdict().choice(Era::stateless, hub_.around().shard.now());
    return era ? *era == Era::stateless : shared_->lease.may_require_input();
}

// A server of which it is not known yet whether it is stateless is taken for one with sessions.
bool LeasePool::needs_own(const mcp::Request& request) const {
    const auto& method = request.method;
    const bool may_ask =
        method == "tools/call" || method == "prompts/get" || method == "resources/read";
    if (!may_ask || !shared_->lease.may_ask_anything()) return false;
    const auto era = server().verdict().choice(Era::stateless, hub_.around().shard.now());
    return !shared_->lease.is_stateless() && era != Era::stateless;
}

Task<Result<mcp::Answer>> LeasePool::call_alone(mcp::Request request, mcp::Exchange& caller) {
    if (request.deadline == TimePoint::max()) {
        request.deadline = hub_.around().shard.now() + server().config().call_timeout;
    }
    const auto at = shares_.try_emplace(std::string(request.owner)).first;
    auto& share = at->second;
    ++share.users;
    auto room = has_room(share);
    if (room && !*room) {
        const auto waited = co_await wait(share, request.deadline, caller);
        if (!waited) room = std::unexpected(waited.error());
    }
    if (room && has_ended_) room = fail(Errc::cancelled, "the session has ended");
    if (!room) {
        leave(at);
        co_return std::unexpected(std::move(room).error());
    }
    Running running{.caller = caller};
    share.running.push_back(&running);
    ++running_;
    const auto lease = take();
    auto answer = co_await lease->call_alone(std::move(request), caller);
    lease->is_taken = false;
    if (!running.has_given_way) {
        share.running.remove(&running);
        --running_;
    }
    leave(at);
    co_return answer;
}

// True when a call may begin now, false when it has to wait for others of its owner.
Result<bool> LeasePool::has_room(Share& share) {
    constexpr std::string_view why =
        "; more than that is not run at a time, because the server "
        "may ask something in each";
    const bool is_first = share.waiting.empty();  // Whoever waits already comes before.
    const bool has_own_room = is_first && share.running.size() < limits_.of_one_owner;
    if (!has_own_room && !(is_first && give_way(share))) {
        if (share.waiting.size() < limits_.waiting_of_one_owner) return false;
        return fail(
            Errc::too_many,
            "your limit of calls to this server is reached: " +
                std::to_string(limits_.of_one_owner) + " run and " +
                std::to_string(share.waiting.size()) + " wait" + std::string(why)
        );
    }
    if (running_ < limits_.in_all) return true;
    // The owner with the most calls makes room for one with fewer.
    const auto size = [](const auto& each) { return each.second.running.size(); };
    auto& most = std::ranges::max_element(shares_, {}, size)->second;
    if ((most.running.size() > share.running.size() && give_way(most)) || give_way(share)) {
        return true;
    }
    return fail(
        Errc::too_many,
        "the limit of calls to this server is reached: " + std::to_string(limits_.in_all) + " run" +
            std::string(why)
    );
}

// Ends the oldest call of `share` that nobody waits for. Its place is free at once.
bool LeasePool::give_way(Share& share) {
    const auto found = std::ranges::find_if(share.running, [](const Running* each) {
        return each->caller.give_way();
    });
    if (found == share.running.end()) return false;
    (*found)->has_given_way = true;
    share.running.erase(found);
    --running_;
    return true;
}

// A call has ended, so that others may begin.
void LeasePool::leave(Shares::iterator at) {
    if (--at->second.users == 0) shares_.erase(at);
    wake();
}

void LeasePool::wake() {
    for (auto& [owner, share] : shares_) {
        if (!share.waiting.empty()) share.waiting.front()->come.set();
    }
}

Task<Result<void>> LeasePool::wait(Share& share, TimePoint deadline, mcp::Exchange& caller) {
    auto& shard = hub_.around().shard;
    const async::Deadline until(shard.wheel(), deadline, co_await this_fiber());
    Turn turn(shard);
    const auto place = share.waiting.insert(share.waiting.end(), &turn);
    const auto is_next = [&] {
        return share.waiting.front() == &turn && share.running.size() < limits_.of_one_owner &&
               running_ < limits_.in_all;
    };
    caller.set_withdrawable(&turn);
    bool was_woken = true;
    while (was_woken && !turn.is_withdrawn && !has_ended_ && !is_next())
        was_woken = co_await turn.come.wait();
    caller.set_withdrawable(nullptr);
    share.waiting.erase(place);
    wake();  // There may be room for the next one, too.
    if (until.has_expired()) {
        co_return fail(
            Errc::too_many,
            "your limit of " + std::to_string(limits_.of_one_owner) +
                " calls at a time to this server was reached until it was too late"
        );
    }
    if (turn.is_withdrawn || !was_woken) {
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    co_return Result<void>();
}

std::shared_ptr<SessionLease> LeasePool::make() {
    return std::make_shared<SessionLease>(
        hub_, session_, shared_->upstream, shared_->server, nullptr
    );
}

void LeasePool::move_to(auth::UpstreamNumber number, const ReachedHandle& reached) {
    shared_->move_to(number, reached);
    for (const auto& each : alone_)
        each->move_to(number, reached);
}

void LeasePool::leave() {
    shared_->leave();
}

// The idle lease that was used last, so that the others grow old and are closed; a new one if none
// is idle.
std::shared_ptr<SessionLease> LeasePool::take() {
    std::shared_ptr<SessionLease> best;
    for (const auto& each : alone_) {
        if (each->is_taken) continue;
        if (!best || best->lease.last_used() < each->lease.last_used()) best = each;
    }
    if (!best) best = alone_.emplace_back(make());
    best->is_taken = true;
    return best;
}

void LeasePool::notify(std::string_view method, std::string_view params) {
    shared_->lease.notify(method, params);
}

void LeasePool::close_idle() {
    const auto& around = hub_.around();
    const bool is_process = server().config().transport == Transport::stdio;
    const Time patience =
        is_process ? std::min<Time>(idle_max, around.limits.process_idle_timeout) : idle_max;
    const auto visit = [&](SessionLease& each) {
        const bool is_idle = around.shard.now() - each.lease.last_used() > patience;
        if (each.lease.is_open() && is_idle && !each.lease.has_subscriptions()) each.lease.drop();
        if (server().gone_since) each.lease.give_up();
    };
    visit(*shared_);
    for (const auto& each : alone_)
        visit(*each);
}

std::vector<std::shared_ptr<SessionLease>> LeasePool::end() {
    has_ended_ = true;
    for (auto& [owner, share] : shares_) {
        for (auto* turn : share.waiting)
            turn->come.set();
    }
    auto all = std::exchange(alone_, {});
    all.push_back(shared_);
    return all;
}

}  // namespace gw::upstream
