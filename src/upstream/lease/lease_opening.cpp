#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/json.hpp"
#include "gateway/client_tasks.hpp"
#include "mcp/member.hpp"
#include "upstream/ground/secrets.hpp"
#include "upstream/lease/lease.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

// How a Lease opens and closes its link, and what a link that is opened again has to be told.
namespace gw::upstream {

namespace {

constexpr std::chrono::milliseconds reopen_pause_min{1000};
constexpr std::chrono::milliseconds reopen_pause_max{30'000};
constexpr std::chrono::minutes renewal_pause_max{10};

std::string set_level_params(mcp::LogLevel level) {
    return R"({"level":")" + std::string(to_string(level)) + R"("})";
}

}  // namespace

// A call that waits for the link to be open, until its own deadline, or until it is withdrawn.
struct Lease::Waiter final : mcp::Withdrawable {
    explicit Waiter(async::Loop& loop) : changed(loop) {}

    void withdraw() override {
        is_withdrawn = true;
        changed.set();
    }

    async::Event changed;
    bool is_withdrawn = false;
    std::optional<Result<void>> outcome;  // Of the attempt to open it.
};

Task<Result<void>> Lease::ensure_open(TimePoint until, mcp::Exchange& caller) {
    auto& shard = around_.shard;
    const async::Deadline deadline(shard.wheel(), until, co_await this_fiber());
    while (!is_ready()) {
        if (inside_.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
        drop_link();
        if (!std::exchange(is_opening_, true)) opening_.spawn(open());
        Waiter waiter(shard);
        waiting_.push_back(&waiter);
        caller.set_withdrawable(&waiter);
        co_await waiter.changed.wait();
        caller.set_withdrawable(nullptr);
        std::erase(waiting_, &waiter);
        if (waiter.is_withdrawn) co_return fail(Errc::cancelled, "the request was withdrawn");
        if (!waiter.outcome) co_return deadline.stopped("Upstream server");
        GW_CO_DO(*std::move(waiter.outcome));
    }
    co_return Result<void>();
}

// One attempt for all who wait, in a fiber of its own: whoever of them leaves, it goes on. What was
// tried at a server that is reached in another way by then does not count.
Task<> Lease::open() {
    auto tried = config_;
    auto opened = co_await try_to_open();
    while (config_ != tried && !inside_.is_shut()) {
        tried = config_;
        drop_link();
        opened = co_await try_to_open();
    }
    if (!opened) hide_secrets(*config_, opened.error());
    is_opening_ = false;
    for (auto* waiter : std::exchange(waiting_, {})) {
        waiter->outcome = opened;
        waiter->changed.set();
    }
}

Task<Result<void>> Lease::try_to_open() {
    // A process bounds its start itself: what it may take depends on where that has got to.
    const bool is_process = config_->transport == Transport::stdio;
    const async::Deadline deadline(
        around_.shard.wheel(),
        is_process ? TimePoint::max() : around_.shard.now() + around_.limits.list_timeout,
        co_await this_fiber()
    );
    auto made = std::make_unique<OpenLink>(around_.shard, config_);
    auto* const self = made.get();
    if (tasks_ != nullptr) tasks_->set_session(made->number);
    const auto lost = [this, self] {
        if (link_.get() == self) lose();
    };
    made->link = make_link_({.capabilities = declared_, .lost = lost});
    auto opened = co_await introduce(*made->link);
    count_opening(opened.has_value());
    if (opened) {
        link_ = std::move(made);
        is_lost_ = is_lost_ && !is_ready();
        opened_at_ = around_.shard.now();
        note_renewal(*link_);
        restore_subscriptions();
        co_return opened;
    }
    retire(std::move(made));
    if (deadline.has_expired()) co_return deadline.stopped("Upstream server");
    // A call that waits for the link has no session that it could have lost.
    auto error = std::move(opened).error();
    if (error.kind == Errc::unknown_session) error.kind = Errc::upstream_failed;
    co_return std::unexpected(std::move(error));
}

void Lease::count_opening(bool is_open) {
    using telemetry::Metric;
    if (!is_open) return metrics_.count<Metric::upstream_open_failures>();
    metrics_.count<Metric::upstream_sessions_opened>();
    const bool is_first = opened_at_ == TimePoint();
    if (!is_first) metrics_.count<Metric::upstream_sessions_reopened>();
}

Task<Result<void>> Lease::introduce(Link& link) {
    const auto params = initialize_params_;  // A reload may give it others meanwhile.
    GW_CO_TRY(const auto result, co_await link.open(params));
    route_ = mcp::parse_route(result.view(), around_.instance);
    if (route_.leads_back) {
        co_return fail(
            Errc::upstream_failed,
            "it leads back to this gateway, so it is left out: take it out of the upstreams here, "
            "or this gateway out of the upstreams there"
        );
    }
    auto profile = catalog::parse_profile(result.view());
    if (!profile) {
        co_return fail(
            Errc::upstream_failed,
            "upstream sent an invalid answer to initialize",
            profile.error().text
        );
    }
    profile_ = std::move(*profile);
    profile_.is_stateless = link.is_stateless();
    if (profile_.is_stateless) profile_.core_tasks = {};
    if (log_level_ && profile_.has_logging) co_await tell_log_level(link);
    co_return Result<void>();
}

// The most talkative level that a client of this session wants. Others may want less: for them
// messages are left out where they are passed on. A server that does not take it goes on without.
Task<> Lease::tell_log_level(Link& link) {
    mcp::Nobody nobody;
    const auto params = set_level_params(*log_level_);
    const mcp::Request request{
        .method = "logging/setLevel",
        .params = std::string_view(params),
        .deadline = around_.shard.now() + around_.limits.list_timeout / 2
    };
    if (const auto answer = co_await link.call(request, nobody); !answer) {
        around_.log(*config_, "did not set the log level: " + answer.error().text);
    }
}

struct Lease::Restored {
    TimePoint until;
    std::size_t failed = 0;
    std::string reason = {};  // Of one of these.
};

// Calls need not wait for it, nor be late for what the server does not answer.
void Lease::restore_subscriptions() {
    if (subscriptions_.empty()) return;
    gate_.spawn(subscribe_again(*link_, async::Visitors::Visit(link_->calls)));
}

Task<> Lease::subscribe_again(OpenLink& open, async::Visitors::Visit /*visit*/) {
    const auto all = subscriptions_;
    Restored restored{.until = around_.shard.now() + around_.limits.list_timeout};
    async::Gate together(around_.shard);
    for (const auto& uri : all)
        together.spawn(subscribe_to(open, uri, restored));
    co_await together.join();
    if (restored.failed == 0 || open.calls.is_shut()) co_return;
    around_.log(
        *open.server,
        std::to_string(restored.failed) + " of " + std::to_string(all.size()) +
            " resources could not be subscribed to again: " + restored.reason
    );
}

// Whoever had it looks at it again: it may have changed meanwhile, also where that is not told any
// more.
Task<> Lease::subscribe_to(OpenLink& open, const std::string& uri, Restored& all) {
    const async::Deadline deadline(around_.shard.wheel(), all.until, co_await this_fiber());
    const auto params = R"({"uri":)" + uri + "}";
    mcp::Request request{
        .method = "resources/subscribe",
        .params = std::string_view(params),
        .deadline = all.until,
        .is_repeatable = true
    };
    mcp::Nobody nobody;
    auto answer = co_await send_in_turn(open, request, nobody);
    const bool is_wanted = subscriptions_.contains(uri);
    if (!is_wanted) {  // It was given up meanwhile, maybe before the server had it.
        request.method = "resources/unsubscribe";
        std::ignore = co_await send_in_turn(open, request, nobody);
        co_return;
    }
    const auto* refused = answer ? std::get_if<mcp::Refused>(&*answer) : nullptr;
    if (!answer || refused != nullptr) {
        ++all.failed;
        constexpr std::size_t shown_max = 200;
        all.reason = refused != nullptr ? refused->error.view().substr(0, shown_max)
                                        : std::string_view(answer.error().text);
    }
    if (updated_ && !open.calls.is_shut()) updated_(uri);
}

// Notes what has to be restored when the session is opened again.
void Lease::remember(const mcp::Request& request) {
    const auto text = request.params.str();  // What is parsed are views into it.
    if (request.method == "resources/subscribe") {
        subscriptions_.emplace(mcp::member(text, "uri"));
    }
    const auto level = mcp::member(text, "level");
    if (request.method == "logging/setLevel" && level.starts_with('"')) {
        log_level_ = mcp::parse_log_level(json::unquoted(level));
    }
}

// The resource is not subscribed to again, whatever the server answers to this request.
void Lease::forget(const mcp::Request& unsubscribe) {
    const auto text = unsubscribe.params.str();
    subscriptions_.erase(std::string(mcp::member(text, "uri")));
}

// The server has forgotten the session. A lease that hears nothing outside of calls reopens on its
// next call.
void Lease::lose() {
    if (subscriptions_.empty() && !reopened_) return;
    const bool has_lasted = around_.shard.now() - opened_at_ > reopen_pause_max;
    if (has_lasted || reopen_pause_ < reopen_pause_min) reopen_pause_ = reopen_pause_min;
    begin_to_reopen();
}

void Lease::begin_to_reopen() {
    is_lost_ = true;
    if (reopening_.running() == 0) reopening_.spawn(reopen());
}

// Pauses are longer each time that a session did not last or could not be opened. A call that runs
// may still get its answer in the old one.
Task<> Lease::reopen() {
    auto& shard = around_.shard;
    auto& fiber = co_await this_fiber();
    while (is_lost_) {
        const auto pause = std::exchange(
            reopen_pause_, std::clamp(reopen_pause_ * 2, reopen_pause_min, reopen_pause_max)
        );
        {
            const async::Deadline until(shard.wheel(), shard.now() + pause, fiber);
            const bool is_due = co_await reopen_now_.wait() || until.has_expired();
            if (!is_due) co_return;
        }
        if (!is_lost_ || (link_ && !inside_.is_empty())) continue;
        mcp::Nobody nobody;
        std::ignore = co_await ensure_open(TimePoint::max(), nobody);
    }
    if (is_open() && reopened_) reopened_();
}

// Whether it is a makeshift may show only later.
void Lease::note_renewal(OpenLink& open) {
    if (!open.link->is_stateless()) {
        renewal_pause_ = {};
        return;
    }
    renewal_pause_ = std::clamp<std::chrono::milliseconds>(
        renewal_pause_ * 2, around_.renewal_pause, renewal_pause_max
    );
    open.renew_at = opened_at_ + renewal_pause_;
}

// The call that comes now opens another one, if that may be better.
void Lease::renew() {
    if (link_->link->is_makeshift()) return drop_link();
    link_->renew_at = around_.shard.now() + around_.renewal_pause;
}

void Lease::drop_link() {
    if (link_) retire(std::move(link_));
}

void Lease::retire(std::unique_ptr<OpenLink> link) {
    old_links_.push_back(*link);
    gate_.spawn(finish(std::move(link), async::Visitors::Visit(retiring_)));
}

// Closes a link when the calls in it have ended and its tasks were fetched, or when end() has cut
// them off.
Task<> Lease::finish(std::unique_ptr<OpenLink> link, async::Visitors::Visit /*visit*/) {
    auto& shard = around_.shard;
    const auto until = shard.now() + tasks_max;
    co_await link->calls.join();
    while (!link->tasks.empty() && link->link->is_usable() && !link->calls.is_shut() &&
           shard.now() < until) {
        {
            const async::Deadline deadline(shard.wheel(), until, co_await this_fiber());
            co_await link->task_ended.wait();
        }
        if ((co_await this_fiber()).is_cancelled) break;
        co_await link->calls.join();
    }
    co_await link->link->close();
    co_await link->calls.close();
}

void Lease::end() {
    if (inside_.is_shut()) return;
    inside_.shut();
    opening_.cancel();
    end_links();
}

void Lease::end_links() {
    drop_link();
    for (auto& link : old_links_) {
        link.calls.shut();
        link.task_ended.set();
    }
}

Task<> Lease::close() {
    end();
    co_await reopening_.close();
    co_await opening_.join();
    end_links();  // It may just have been opened.
    co_await retiring_.close();
    co_await inside_.close();
}

}  // namespace gw::upstream
