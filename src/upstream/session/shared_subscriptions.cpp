#include "upstream/session/shared_subscriptions.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

namespace gw::upstream {

// Somebody who waits for a subscription.
struct SharedSubscriptions::Waiter {
    explicit Waiter(async::Loop& loop) : told(loop) {}

    async::Event told;
    std::optional<Result<void>> outcome;
};

// A request that is under way.
struct SharedSubscriptions::Asking final : mcp::Exchange {
    Task<Result<void>> notify(mcp::Notification notification) override {
        return nobody.notify(notification);
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        return nobody.ask(request);
    }

    void set_withdrawable(mcp::Withdrawable* of) override { call = of; }

    mcp::Nobody nobody;
    mcp::Withdrawable* call = nullptr;
    bool was_taken_back = false;
};

SharedSubscriptions::SharedSubscriptions(
    async::Loop& loop,
    async::Wheel& wheel,
    mcp::Peer& server,
    std::chrono::milliseconds patience,
    MayTakeBack may_take_back
)
    : loop_(loop),
      wheel_(wheel),
      server_(server),
      patience_(patience),
      may_take_back_(std::move(may_take_back)),
      gate_(loop),
      inside_(loop) {}

Task<Result<void>> SharedSubscriptions::subscribe(std::string params) {
    const auto closed = [] { return fail(Errc::cancelled, "the upstream session was closed"); };
    if (inside_.is_shut()) co_return closed();
    const async::Visitors::Visit visit(inside_);
    const auto at = all_.try_emplace(params).first;
    ++at->second.wanted;
    if (at->second.server == Server::has_one && !at->second.is_kept) co_return Result<void>();
    Waiter waiter(loop_);
    at->second.waiting.push_back(&waiter);
    change(at);
    const bool was_told = co_await waiter.told.wait();
    if (inside_.is_shut()) co_return closed();
    std::erase(all_.at(params).waiting, &waiter);
    if (was_told && *waiter.outcome) co_return Result<void>();
    release(params);
    if (was_told) co_return *std::move(waiter.outcome);
    co_return fail(Errc::cancelled, "the request was withdrawn");
}

void SharedSubscriptions::unsubscribe(const std::string& params) {
    if (!inside_.is_shut()) release(params);
}

void SharedSubscriptions::release(const std::string& params) {
    const auto at = all_.find(params);
    auto* const asking = at->second.asking;
    const bool is_last = --at->second.wanted == 0;
    if (is_last && asking != nullptr && asking->call != nullptr && may_take_back_()) {
        asking->was_taken_back = true;
        asking->call->withdraw();
    }
    change(at);
}

void SharedSubscriptions::change(Entries::iterator at) {
    if (std::exchange(at->second.is_kept, true)) return;
    gate_.spawn(keep(at->first));
}

// Tells the server what is wanted, until it knows the newest. The entry stays meanwhile: nothing
// else takes one out.
Task<> SharedSubscriptions::keep(std::string params) {
    auto& fiber = co_await this_fiber();
    auto& entry = all_.at(params);
    const auto tell = [&entry](const Result<void>& outcome) {
        for (auto* const waiter : std::exchange(entry.waiting, {})) {
            waiter->outcome = outcome;
            waiter->told.set();
        }
    };
    while (!fiber.is_cancelled) {
        if (entry.wanted == 0 && entry.server != Server::has_none) {
            Asking asking;
            std::ignore = co_await ask("resources/unsubscribe", params, asking);
            entry.server = Server::has_none;
        } else if (entry.server == Server::has_one || entry.waiting.empty()) {
            tell({});
            break;
        } else {
            Asking asking;
            entry.asking = &asking;
            const auto done = co_await ask("resources/subscribe", params, asking);
            entry.asking = nullptr;
            const bool is_unknown = !done && done.error().kind == Errc::timed_out;
            entry.server = done         ? Server::has_one
                           : is_unknown ? Server::may_have_one
                                        : Server::has_none;
            if (!done && !asking.was_taken_back) tell(done);
        }
    }
    entry.is_kept = false;
    if (entry.wanted == 0 && entry.server == Server::has_none) all_.erase(params);
}

Task<Result<void>> SharedSubscriptions::ask(
    std::string_view method, std::string_view params, Asking& asking
) {
    mcp::Request request{
        .method = method,
        .params = params,
        .deadline = wheel_.now() + patience_,
        .is_repeatable = true
    };
    const auto answer = co_await server_.call(std::move(request), asking);
    if (!answer) co_return std::unexpected(answer.error());
    if (std::holds_alternative<mcp::Completed>(*answer)) co_return Result<void>();
    co_return fail(Errc::upstream_failed, "the server refused to subscribe");
}

void SharedSubscriptions::end() {
    inside_.shut();
    gate_.cancel();
    for (auto& [params, entry] : all_) {
        for (auto* const waiter : std::exchange(entry.waiting, {}))
            waiter->told.set();
    }
}

Task<> SharedSubscriptions::close() {
    end();
    co_await gate_.close();
    co_await inside_.close();
}

}  // namespace gw::upstream
