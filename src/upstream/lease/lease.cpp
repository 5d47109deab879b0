#include "upstream/lease/lease.hpp"

#include "async/deadline.hpp"
#include "base/assert.hpp"
#include "base/json.hpp"
#include "gateway/client_tasks.hpp"
#include "mcp/implementation.hpp"
#include "mcp/input_required.hpp"
#include "mcp/name_asker.hpp"
#include "mcp/progress.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/secrets.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t subscribing_max = 16;

// What the server is told of a client's capabilities: what it may not use is not declared to it.
mcp::ClientCapabilities declared(mcp::ClientCapabilities capabilities, const Config& config) {
    if (config.declares_all) {
        capabilities.roots = capabilities.sampling = true;
        capabilities.elicitation_form = capabilities.elicitation_url = true;
    }
    if (!config.may_use_roots) capabilities.roots = capabilities.roots_list_changed = false;
    if (!config.may_use_sampling) {
        capabilities.sampling = capabilities.sampling_tools = false;
        capabilities.sampling_context = false;
    }
    if (!config.may_use_elicitation) {
        capabilities.elicitation_form = capabilities.elicitation_url = false;
    }
    return capabilities;
}

std::string initialize_params(mcp::ClientCapabilities capabilities) {
    capabilities.tasks = false;  // There are no extensions where there is initialize.
    return R"({"protocolVersion":")" + std::string(to_string(mcp::newest_with_sessions)) +
           R"(","capabilities":)" + mcp::to_json(capabilities) + R"(,"clientInfo":)" +
           std::string(mcp::implementation) + "}";
}

std::unexpected<Error> beyond_client(std::string_view method, std::string_view params) {
    auto needed = mcp::needed_for(method, params);
    return fail(
        Errc::capability_missing,
        "this needs a capability that the client did not declare: " + std::string(method),
        {},
        R"({"requiredCapabilities":)" + std::move(needed) + "}"
    );
}

// The caller of a call. The server may ask it only for what was declared to it. If the server asks
// for what the client cannot do, the call is withdrawn.
class Guarded final : public mcp::Exchange {
public:
    Guarded(Lease& lease, mcp::Exchange& caller) : lease_(lease), caller_(caller) {}

    // Progress that does not grow is no sign of life: a client may take it for a fault.
    Task<Result<void>> notify(mcp::Notification notification) override {
        if (notification.method == "notifications/progress" &&
            !progress_.take(notification.params)) {
            return nobody_.notify(notification);
        }
        return lease_.tell(caller_, notification);
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        if (!lease_.is_beyond_client(request.method, request.params)) {
            return lease_.ask(caller_, request);
        }
        asked_ = beyond_client(request.method, request.params);
        if (call_ != nullptr) call_->withdraw();
        return nobody_.ask(request);
    }

    void set_withdrawable(mcp::Withdrawable* call) override {
        call_ = call;
        caller_.set_withdrawable(call);
    }

    // An error if the server has asked for what the client cannot do.
    const Result<void>& asked() const { return asked_; }

private:
    Lease& lease_;
    mcp::Exchange& caller_;
    mcp::Nobody nobody_;
    mcp::Withdrawable* call_ = nullptr;
    mcp::GrowingProgress progress_;
    Result<void> asked_;
};

// Of all links of the process.
std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

bool is_subscription(std::string_view method) {
    return method == "resources/subscribe" || method == "resources/unsubscribe";
}

Lease::Lease(
    LinkResources& around,
    ConfigHandle config,
    const mcp::ClientCapabilities& capabilities,
    MakeLink make_link,
    gateway::ClientTasks* tasks
)
    : around_(around),
      config_(std::move(config)),
      metrics_(around.shard.metrics(), telemetry::Upstream{config_->number}),
      client_(capabilities),
      declared_(declared(capabilities, *config_)),
      initialize_params_(initialize_params(declared_)),
      make_link_(std::move(make_link)),
      tasks_(tasks),
      inside_(around.shard),
      retiring_(around.shard),
      gate_(around.shard),
      opening_(around.shard),
      reopening_(around.shard),
      last_used_(around.shard.now()),
      reopen_now_(around.shard),
      subscribing_(around.shard, subscribing_max) {
    ++around_.leases;
}

Lease::OpenLink::OpenLink(async::Loop& loop, ConfigHandle of)
    : number(next_number()), server(std::move(of)), calls(loop), task_ended(loop) {}

Lease::~Lease() {
    GW_ASSERT(link_ == nullptr);  // Gates and visitors assert the rest.
    --around_.leases;
}

void Lease::move_to(ConfigHandle config) {
    config_ = std::move(config);
    metrics_ = {around_.shard.metrics(), telemetry::Upstream{config_->number}};
    declared_ = declared(client_, *config_);
    initialize_params_ = initialize_params(declared_);
    drop_link();
    if (subscriptions_.empty() && !reopened_) return;
    reopen_pause_ = {};
    begin_to_reopen();
    reopen_now_.set();
}

TimePoint Lease::last_used() const {
    return inside_.is_empty() ? last_used_ : around_.shard.now();
}

bool Lease::give_up() {
    const auto is_ending = [](const OpenLink& old) {
        return old.calls.is_empty() && old.tasks.empty();
    };
    if (link_ == nullptr) return std::ranges::any_of(old_links_, is_ending);
    if (is_used() || !link_->tasks.empty() || has_subscriptions()) return false;
    drop();
    return true;
}

bool Lease::may_require_input() const {
    return !is_ready() || profile_.is_stateless;
}

bool Lease::may_ask_anything() const {
    auto askable = declared_;
    askable.tasks = false;
    return askable != mcp::ClientCapabilities();
}

struct Lease::Call {
    explicit Call(Lease& of) : lease(of), visit(of.inside_) {}

    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    ~Call() { lease.last_used_ = lease.around_.shard.now(); }

    Lease& lease;
    async::Visitors::Visit visit;
};

namespace {

telemetry::Outcome outcome_of(const Result<mcp::Answer>& answer) {
    using enum telemetry::Outcome;
    if (!answer && answer.error().kind == Errc::timed_out) return timed_out;
    if (!answer) return answer.error().kind == Errc::cancelled ? cancelled : failed;
    if (std::holds_alternative<mcp::Refused>(*answer)) return error;
    return std::holds_alternative<mcp::InputRequired>(*answer) ? input_required : result;
}

bool is_task(const Result<mcp::Answer>& answer) {
    const auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    return completed != nullptr && completed->is_task;
}

// One request at a server, which is counted when it ends.
class Counted {
public:
    Counted(const Clock& clock, telemetry::UpstreamMetrics& metrics, mcp::Exchange& caller)
        : clock_(clock), metrics_(metrics), caller_(caller), began_(clock.now()) {}

    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    ~Counted() {
        const auto time = clock_.now() - began_;
        metrics_.count<telemetry::Metric::upstream_requests>(outcome);
        metrics_.observe<telemetry::Metric::upstream_request_duration>(time);
        caller_.at_peers += {.time = time, .calls = 1};
    }

    telemetry::Outcome outcome = telemetry::Outcome::failed;

private:
    const Clock& clock_;
    telemetry::UpstreamMetrics& metrics_;
    mcp::Exchange& caller_;
    TimePoint began_;
};

}  // namespace

Task<Result<mcp::Answer>> Lease::call(mcp::Request&& request, mcp::Exchange& caller) {
    const Call inside(*this);
    if (request.needs_task) co_return co_await call_as_task(std::move(request), caller);
    Counted counted(around_.shard.clock(), metrics_, caller);
    const auto now = around_.shard.now();
    if (request.deadline == TimePoint::max()) request.deadline = now + config_->call_timeout;
    request.deadline_max = std::max(request.deadline, now + config_->call_max);
    if (link_ && now >= link_->renew_at && request.session == 0) renew();
    auto* open = link_of(request);
    if (open == nullptr) {
        if (!is_ready()) {
            GW_CO_DO(co_await ensure_open(request.deadline, caller));
        }
        open = link_.get();
        const bool is_process = config_->transport == Transport::stdio;
        if (request.session != 0 && is_process && !open->link->is_stateless()) {
            co_return fail(Errc::invalid_params, "Unknown task");
        }
    }
    if (!profile_.has_subscribe && is_subscription(request.method)) {
        co_return fail(
            Errc::unknown_method, "the server of this resource does not support subscriptions"
        );
    }
    // It is the same for all calls of a client session; what the server asks outside of calls is
    // put to that client as well, so it is kept.
    names_asker_ = names_asker_ || request.names_asker;
    if (request.begins_task && has_client_tasks()) put_task_token(request);
    Guarded guarded(*this, caller);
    async::Visitors::Visit visit(open->calls);
    auto answer = co_await call_in(*open, request, guarded);
    const auto is_lost = [&] { return !answer && answer.error().kind == Errc::unknown_session; };
    if (is_lost() && !std::exchange(request.is_repetition, true)) {
        const bool needs_session = open->link->leaves_calls_to_sessions() && !request.is_repeatable;
        if (open == link_.get()) drop_link();
        GW_CO_DO(co_await ensure_open(request.deadline, caller));
        open = link_.get();
        if (needs_session && open->link->is_stateless()) {
            co_return fail(Errc::upstream_failed, "upstream refused the request");
        }
        visit = async::Visitors::Visit(open->calls);
        answer = co_await call_in(*open, request, guarded);
    }
    if (is_lost()) {
        answer = fail(Errc::upstream_failed, "upstream refused the request", answer.error().detail);
    }
    counted.outcome = outcome_of(answer);
    GW_CO_DO(guarded.asked());
    GW_CO_DO(take(*open, request, answer));
    co_return answer;
}

// What an answer of the server has to be checked for, and what of it is remembered. It is no
// coroutine, because nothing in it waits.
Result<void> Lease::take(OpenLink& open, const mcp::Request& request, Result<mcp::Answer>& answer) {
    auto* const refused = answer ? std::get_if<mcp::Refused>(&*answer) : nullptr;
    if (!answer || refused != nullptr) hide_secrets(*open.server, answer);
    if (answer) {
        GW_DO(check_depth(*answer, request.method));
    }
    GW_DO(check_input(answer));
    if (request.method == "tasks/get") {
        GW_DO(check_task(answer));
    }
    if (refused != nullptr) refused->is_stateless = open.link->is_stateless();
    const bool begins = request.begins_task || request.is_run_as_task || is_task(answer);
    if (begins || request.method.starts_with("tasks/")) note_tasks(open, request, answer);
    auto* const completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed == nullptr) return {};
    if (has_client_tasks()) tasks_->translate(*completed, request);
    const bool sets_level = request.method == "logging/setLevel";
    if (sets_level || request.method.starts_with("resources/")) remember(request);
    if (&open != link_.get() && request.method == "resources/subscribe") {
        drop_link();  // What is open now does not hear of it.
        begin_to_reopen();
    }
    return {};
}

// The link that knows the task which the request is about, if it is still there: only the session
// knows it in which it was begun. Null: the one of now is to be asked.
Lease::OpenLink* Lease::link_of(const mcp::Request& request) {
    if (request.session == 0) return is_ready() ? link_.get() : nullptr;
    const auto is_it = [&](const OpenLink& each) {
        return each.number == request.session && each.link->is_usable() && !each.calls.is_shut();
    };
    if (link_ && is_it(*link_)) return link_.get();
    const auto found = std::ranges::find_if(old_links_, is_it);
    return found == old_links_.end() ? nullptr : &*found;
}

// The request as the link takes it, in the era of its server.
Task<Result<mcp::Answer>> Lease::call_in(
    OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
) {
    auto& link = *open.link;
    if (is_subscription(request.method)) return call_in_turn(open, request, caller);
    if (request.envelope == nullptr || link.is_stateless()) return link.call(request, caller);
    return call_bare(open, request, caller);
}

// A client may subscribe to many resources at once.
Task<Result<mcp::Answer>> Lease::call_in_turn(
    OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
) {
    if (request.method == "resources/unsubscribe") forget(request);
    return send_in_turn(open, request, caller);
}

// Only a few requests to subscribe go to a server with sessions at a time. For a stateless one the
// link puts them together.
Task<Result<mcp::Answer>> Lease::send_in_turn(
    OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
) {
    if (open.link->is_stateless()) co_return co_await open.link->call(request, caller);
    const async::Deadline deadline(around_.shard.wheel(), request.deadline, co_await this_fiber());
    const auto turn = co_await subscribing_.take();
    if (!turn) co_return deadline.stopped("Upstream server");
    if (open.calls.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
    co_return co_await open.link->call(request, caller);
}

// A stateless client says with its request what a server with sessions was told before.
Task<Result<mcp::Answer>> Lease::call_bare(
    OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
) {
    const auto level = request.envelope->log_level;
    if (level && profile_.has_logging && (!log_level_ || *level < *log_level_)) {
        log_level_ = level;
        co_await tell_log_level(*open.link);
    }
    co_return co_await open.link->call(request, caller);
}

// What is too deep in a list is left out of it; nothing else can be taken apart.
Result<void> Lease::check_depth(const mcp::Answer& answer, std::string_view method) const {
    const auto* completed = std::get_if<mcp::Completed>(&answer);
    const auto* required = std::get_if<mcp::InputRequired>(&answer);
    const int depth = completed != nullptr  ? completed->too_deep
                      : required != nullptr ? required->too_deep
                                            : 0;
    if (depth == 0 || catalog::is_list_method(method)) return {};
    return fail(
        Errc::upstream_failed,
        "upstream answered with " + mcp::too_deep(depth, around_.limits.depth_max).error().text
    );
}

// Whether the server may ask what it asks by its answer, as stateless ones do.
Result<void> Lease::check_input(const Result<mcp::Answer>& answer) const {
    const auto* required = answer ? std::get_if<mcp::InputRequired>(&*answer) : nullptr;
    if (required == nullptr) return {};
    return check_asked(required->result.view());
}

// The same for what a task asks by its status.
Result<void> Lease::check_task(const Result<mcp::Answer>& answer) const {
    const auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed == nullptr) return {};
    const auto task = json::Object::parse(completed->result.view());
    if (!task || (*task)["inputRequests"].empty()) return {};
    return check_asked(completed->result.view());
}

Result<void> Lease::check_asked(std::string_view result) const {
    GW_TRY(const auto input, mcp::parse_input_required(result));
    for (const auto& [key, method, params] : input.requests) {
        if (is_beyond_client(method, params)) return beyond_client(method, params);
        if (mcp::allows(declared_, method, params)) continue;
        return fail(
            Errc::upstream_failed, "upstream asked for " + method + ", which was not declared to it"
        );
    }
    return {};
}

void Lease::notify(std::string_view method, std::string_view params) {
    if (!is_ready()) return;
    auto& link = *link_->link;
    const bool is_of_roots = method == "notifications/roots/list_changed";
    if (is_of_roots && !declared_.roots_list_changed) return;
    if (!has_client_tasks()) return link.notify(method, params);
    link.notify(method, tasks_->with_server_ids(params));
}

}  // namespace gw::upstream
