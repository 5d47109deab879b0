#include "upstream/lease_pool.hpp"

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

LeasePool::LeasePool(
    Hub& hub, session::Session& session, auth::UpstreamIndex which, std::size_t alone_max
)
    : hub_(hub),
      session_(session),
      alone_max_(alone_max),
      shared_(std::make_shared<SessionLease>(hub, session, which, nullptr)) {}

Task<Result<mcp::Answer>> LeasePool::call(mcp::Request request, mcp::Exchange& caller) {
    if (is_subscription(request.method)) return subscribe(std::move(request));
    if (needs_own(request)) return call_alone(std::move(request), caller);
    return shared_->lease.call(std::move(request), caller);
}

// Whoever is told that it has subscribed unsubscribes as often.
Task<Result<mcp::Answer>> LeasePool::subscribe(mcp::Request request) {
    if (request.method == "resources/subscribe") {
        GW_CO_DO(co_await shared_->subscriptions.subscribe(request.params.str()));
    } else {
        shared_->subscriptions.unsubscribe(request.params.str());
    }
    co_return mcp::Completed{.result = Slice(std::string("{}"))};
}

bool LeasePool::may_require_input() const {
    const auto era = hub_.verdict(upstream()).get(hub_.around().shard.now());
    return era ? *era == Era::stateless : shared_->lease.may_require_input();
}

// A server of which it is not known yet whether it is stateless is taken for one with sessions.
bool LeasePool::needs_own(const mcp::Request& request) const {
    const auto& method = request.method;
    const bool may_ask =
        method == "tools/call" || method == "prompts/get" || method == "resources/read";
    if (!may_ask || !shared_->lease.may_ask_anything()) return false;
    const auto era = hub_.verdict(upstream()).get(hub_.around().shard.now());
    return !shared_->lease.is_stateless() && era != Era::stateless;
}

Task<Result<mcp::Answer>> LeasePool::call_alone(mcp::Request request, mcp::Exchange& caller) {
    if (request.deadline == TimePoint::max()) {
        request.deadline = hub_.around().shard.now() + hub_.config(upstream()).call_timeout;
    }
    // Whoever waits already comes first.
    if (taken_ >= alone_max_ || !waiting_.empty()) {
        GW_CO_DO(co_await wait(request.deadline, caller));
    }
    if (has_ended_) co_return fail(Errc::cancelled, "the session has ended");
    const auto lease = take();
    auto answer = co_await lease->call_alone(std::move(request), caller);
    lease->is_taken = false;
    --taken_;
    if (!waiting_.empty()) waiting_.front()->come.set();
    co_return answer;
}

Task<Result<void>> LeasePool::wait(TimePoint deadline, mcp::Exchange& caller) {
    auto& shard = hub_.around().shard;
    const async::Deadline until(shard.wheel(), deadline, co_await this_fiber());
    Turn turn(shard);
    const auto place = waiting_.insert(waiting_.end(), &turn);
    caller.set_withdrawable(&turn);
    bool was_woken = true;
    while (was_woken && !turn.is_withdrawn && !has_ended_) {
        if (taken_ < alone_max_ && waiting_.front() == &turn) break;
        was_woken = co_await turn.come.wait();
    }
    caller.set_withdrawable(nullptr);
    waiting_.erase(place);
    // There may be room for the next one, too.
    if (taken_ + 1 < alone_max_ && !waiting_.empty()) waiting_.front()->come.set();
    if (until.has_expired()) {
        co_return fail(Errc::too_many, "Too many calls of this upstream server at a time");
    }
    if (turn.is_withdrawn || !was_woken) {
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    co_return Result<void>();
}

std::shared_ptr<SessionLease> LeasePool::make() {
    return std::make_shared<SessionLease>(hub_, session_, upstream(), nullptr);
}

// The idle one that was used last, so that the others grow old.
std::shared_ptr<SessionLease> LeasePool::take() {
    std::shared_ptr<SessionLease> best;
    for (const auto& each : alone_) {
        if (each->is_taken) continue;
        if (!best || best->lease.last_used() < each->lease.last_used()) best = each;
    }
    if (!best) best = alone_.emplace_back(make());
    best->is_taken = true;
    ++taken_;
    return best;
}

void LeasePool::notify(std::string_view method, std::string_view params) {
    shared_->lease.notify(method, params);
}

void LeasePool::close_idle() {
    const auto now = hub_.around().shard.now();
    const auto visit = [&](SessionLease& each) {
        const bool is_idle = now - each.lease.last_used() > idle_max;
        if (each.lease.is_open() && is_idle && !each.lease.has_subscriptions()) each.lease.drop();
    };
    visit(*shared_);
    for (const auto& each : alone_)
        visit(*each);
}

std::vector<std::shared_ptr<SessionLease>> LeasePool::end() {
    has_ended_ = true;
    for (auto* turn : waiting_)
        turn->come.set();
    auto all = std::exchange(alone_, {});
    all.push_back(shared_);
    return all;
}

}  // namespace gw::upstream
