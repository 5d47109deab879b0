#include "upstream/stdio/stdio_server.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

struct StdioServer::Waiter {
    explicit Waiter(async::Loop& loop) : changed(loop) {}

    async::Event changed;
    std::optional<Result<void>> outcome;  // Of the start.
};

StdioServer::StdioServer(const StdioChild::Parts& parts, TakeSpare take_spare)
    : parts_(parts), take_spare_(std::move(take_spare)), gate_(parts.around.shard) {}

StdioServer::~StdioServer() = default;

StdioServer::Child StdioServer::usable() const {
    const auto found =
        std::ranges::find_if(shared_, [](const auto& each) { return each->is_usable(); });
    return found != shared_.end() ? *found : nullptr;
}

// The era that the guest is to be served in, as far as it is known.
std::optional<Era> StdioServer::era_for(const Guest& guest) const {
    if (parts_.config.era) return parts_.config.era;
    return parts_.verdict.choice(guest.purpose.prefers, parts_.around.shard.now());
}

Task<Result<Slice>> StdioServer::open(Child& child, const Guest& guest, std::string_view params) {
    auto opened = co_await open_preferred(child, guest, params);
    if (!is_better_shared(opened, child, guest)) co_return opened;
    auto shared = usable();
    if (child) co_await let_go(child, guest.purpose);
    child = std::move(shared);
    co_return child->attach(guest.purpose, guest.terms);
}

// When a guest that wanted a session got none: the server turned out to have none, it ended at the
// question, or there may be no more processes.
bool StdioServer::is_better_shared(
    const Result<Slice>& opened, const Child& child, const Guest& guest
) const {
    if (guest.purpose.prefers != Era::sessions) return false;
    const auto shared = usable();
    if (!shared || shared == child) return false;
    if (opened) return child->is_stateless();
    const auto why = opened.error().kind;
    if (why == Errc::cancelled) return false;
    return why == Errc::too_many || era_for(guest) == Era::stateless;
}

Task<Result<Slice>> StdioServer::open_preferred(
    Child& child, const Guest& guest, std::string_view params
) {
    for (;;) {
        const auto era = era_for(guest);
        auto there = era.value_or(guest.purpose.prefers) == Era::stateless ? usable() : nullptr;
        if (there) {
            child = std::move(there);
            co_return child->attach(guest.purpose, guest.terms);
        }
        if (era == Era::sessions) co_return co_await open_new(child, guest, params);
        if (!is_starting_) break;
        GW_CO_DO(co_await wait_for_start());
    }
    is_starting_ = true;
    auto opened = co_await open_new(child, guest, params);
    is_starting_ = false;
    Result<void> outcome;
    if (!opened) outcome = std::unexpected(opened.error());
    for (auto* waiter : std::exchange(waiting_, {})) {
        waiter->outcome = outcome;
        waiter->changed.set();
    }
    co_return opened;
}

Task<Result<Slice>> StdioServer::open_new(
    Child& child, const Guest& guest, std::string_view params
) {
    child = make(guest);
    // The catalogue's lists can wait: a spare process is for calls.
    const auto take_spare = guest.purpose.hears_changes ? TakeSpare() : take_spare_;
    auto opened = co_await child->open(guest.purpose, params, guest.terms, take_spare);
    if (!opened && child->was_spare() && !child->is_usable() &&
        opened.error().kind != Errc::cancelled) {
        // It was broken before it was taken, which says nothing of a process that starts now.
        co_await let_go(child, guest.purpose);
        child = make(guest);
        opened = co_await child->open(guest.purpose, params, guest.terms, nullptr);
    }
    if (opened && child->is_stateless() && usable() == nullptr) {
        co_await child->share();
        shared_.push_back(child);
    }
    co_return opened;
}

StdioServer::Child StdioServer::make(const Guest& guest) {
    return std::make_shared<StdioChild>(parts_, guest.outside, [this] {
        tend(parts_.around.limits.process_idle_timeout);
    });
}

// The outcome of the start holds for all who wait. But when its guest has only left, one of them
// tries anew.
Task<Result<void>> StdioServer::wait_for_start() {
    Waiter waiter(parts_.around.shard);
    waiting_.push_back(&waiter);
    co_await waiter.changed.wait();
    std::erase(waiting_, &waiter);
    if (!waiter.outcome) co_return fail(Errc::cancelled, "the request was withdrawn");
    const auto& outcome = *waiter.outcome;
    if (!outcome && outcome.error().kind == Errc::cancelled) co_return Result<void>();
    co_return outcome;
}

Task<> StdioServer::let_go(const Child& child, const LinkPurpose& purpose) {
    child->detach(purpose);
    if (child->is_shared()) co_return;
    const async::Shield shield(co_await this_fiber());  // Whoever has left, the process has to end.
    co_await child->close();
}

void StdioServer::tend(Time idle_max) {
    const auto is_done = [this, idle_max](const Child& each) {
        if (!each->is_done(idle_max)) return false;
        gate_.spawn(end(each));
        return true;
    };
    std::erase_if(shared_, is_done);
}

// Links that have not noticed that it ends hold it until they do.
Task<> StdioServer::end(Child child) {
    co_await child->close();
}

Task<> StdioServer::close() {
    for (const auto& each : std::exchange(shared_, {}))
        gate_.spawn(end(each));
    co_await gate_.join();
}

}  // namespace gw::upstream
