#include "upstream/lease.hpp"

#include "async/deadline.hpp"
#include "async/sleep.hpp"
#include "base/assert.hpp"
#include "base/json.hpp"
#include "gateway/client_tasks.hpp"
#include "mcp/envelope.hpp"
#include "mcp/implementation.hpp"
#include "mcp/input_required.hpp"
#include "mcp/name_asker.hpp"
#include "upstream/task_runner.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t pages_max = 1000;

// What goes upstream of a client's abilities: what it may not use is not declared to it.
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
        "this needs what the client did not declare: " + std::string(method),
        {},
        R"({"requiredCapabilities":)" + std::move(needed) + "}"
    );
}

// The caller, whom the server may ask only for what was declared to it. If it asks for what the
// client cannot do, the call is withdrawn.
class Guarded final : public mcp::Exchange {
public:
    Guarded(Lease& lease, mcp::Exchange& caller) : lease_(lease), caller_(caller) {}

    Task<Result<void>> notify(mcp::Notification notification) override {
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
    Result<void> asked_;
};

std::string set_level_params(mcp::LogLevel level) {
    return R"({"level":")" + std::string(to_string(level)) + R"("})";
}

// The same without the envelope in its `_meta`. The progress token stays where it is, for the link
// to put its own there.
mcp::Request without_envelope(const mcp::Request& request) {
    auto bare = request;
    bare.envelope = nullptr;
    bare.meta = {};
    if (request.meta.empty()) return bare;
    const auto token = request.progress_token;
    const auto meta = mcp::session_meta(request.meta, token);
    if (token.empty()) {
        bare.params.replace(request.meta, meta);
        return bare;
    }
    const auto object = json::Object::parse(meta);
    const auto kept = object ? (*object)["progressToken"] : std::string_view();
    GW_ASSERT(!kept.empty());
    const auto begin = static_cast<std::size_t>(kept.data() - meta.data());
    const auto token_begin = static_cast<std::size_t>(token.data() - request.meta.data());
    bare.params.replace(request.meta.substr(0, token_begin), meta.substr(0, begin));
    bare.params.replace(
        request.meta.substr(token_begin + token.size()), meta.substr(begin + kept.size())
    );
    return bare;
}

}  // namespace

Lease::Lease(
    Environment& around,
    const Config& config,
    const mcp::ClientCapabilities& capabilities,
    MakeLink make_link,
    gateway::ClientTasks* tasks
)
    : around_(around),
      config_(config),
      client_(capabilities),
      declared_(declared(capabilities, config)),
      initialize_params_(initialize_params(declared_)),
      make_link_(std::move(make_link)),
      tasks_(tasks),
      gate_(around.shard),
      last_used_(around.shard.now()) {}

Lease::~Lease() {
    GW_ASSERT(running_ == 0 && link_ == nullptr);
}

TimePoint Lease::last_used() const {
    return running_ > 0 ? around_.shard.now() : last_used_;
}

bool Lease::may_require_input() const {
    const bool is_known = link_ != nullptr && !is_opening_ && link_->is_usable();
    return !is_known || profile_.is_stateless;
}

bool Lease::may_ask_anything() const {
    auto askable = declared_;
    askable.tasks = false;
    return askable != mcp::ClientCapabilities();
}

Task<Result<mcp::Answer>> Lease::ask(mcp::Exchange& caller, mcp::ServerRequest request) {
    if (!mcp::allows(declared_, request.method, request.params)) {
        co_return fail(Errc::capability_missing, "not declared to this server");
    }
    request.from = this;
    std::string named;
    if (names_asker_) {
        named = mcp::name_asker(request.method, request.params, config_.name);
        request.params = named;
    }
    if (has_client_s_tasks()) co_return co_await ask_of_task(caller, request);
    co_return co_await caller.ask(request);
}

// What is asked may belong to a task, and what the client answers does then, too.
Task<Result<mcp::Answer>> Lease::ask_of_task(mcp::Exchange& caller, mcp::ServerRequest request) {
    const auto params = tasks_->with_client_s_ids(request.params);
    request.params = params;
    auto answer = co_await caller.ask(request);
    if (auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr) {
        completed->result = Slice(tasks_->with_server_s_ids(completed->result.view()));
    }
    co_return answer;
}

Task<Result<void>> Lease::tell(mcp::Exchange& caller, mcp::Notification notification) {
    if (!notification.is_of_task || !has_client_s_tasks()) return caller.notify(notification);
    return tell_of_task(caller, notification);
}

Task<Result<void>> Lease::tell_of_task(mcp::Exchange& caller, mcp::Notification notification) {
    const auto params = tasks_->with_client_s_ids(notification.params);
    notification.params = params;
    if (!notification.progress_token.empty()) {
        const auto object = json::Object::parse(params);
        notification.progress_token = object ? (*object)["progressToken"] : std::string_view();
    }
    co_return co_await caller.notify(notification);
}

Task<Result<void>> Lease::tell_progress(mcp::Exchange& caller, mcp::Notification notification) {
    const auto token = tasks_ != nullptr ? tasks_->client_s_token(notification.progress_token)
                                         : std::string_view();
    if (token.empty()) co_return Result<void>();
    mcp::Splice changed(notification.params);
    changed.replace(notification.progress_token, std::string(token));
    const auto params = tasks_->with_client_s_ids(changed.str());
    co_return co_await caller.notify({.method = notification.method, .params = params});
}

Task<Result<mcp::Answer>> Lease::call(mcp::Request request, mcp::Exchange& caller) {
    struct Count {
        Lease& lease;

        explicit Count(Lease& counted) : lease(counted) { ++lease.running_; }

        ~Count() {
            --lease.running_;
            lease.last_used_ = lease.around_.shard.now();
        }
    };

    const Count count(*this);
    if (request.needs_task) co_return co_await call_as_task(std::move(request), caller);
    if (request.deadline == TimePoint::max()) {
        request.deadline = around_.shard.now() + config_.call_timeout;
    }
    if (link_ == nullptr || is_opening_ || !link_->is_usable()) {
        GW_CO_DO(co_await ensure_open());
    }
    // The same for every call of a client session, and what the server asks outside of calls is for
    // that client as well.
    names_asker_ = names_asker_ || request.names_asker;
    if (request.begins_task && has_client_s_tasks()) put_task_token(request);
    Guarded guarded(*this, caller);
    const auto generation = generation_;
    auto answer = co_await send(request, guarded);
    if (!answer && answer.error().kind == Errc::unknown_session) {
        if (generation == generation_) drop_link();
        GW_CO_DO(co_await ensure_open());
        answer = co_await send(request, guarded);
        if (!answer && answer.error().kind == Errc::unknown_session) {
            answer =
                fail(Errc::upstream_failed, "upstream refused the request", answer.error().detail);
        }
    }
    GW_CO_DO(guarded.asked());
    GW_CO_DO(check_input(answer));
    if (answer && std::holds_alternative<mcp::Refused>(*answer)) {
        std::get<mcp::Refused>(*answer).is_stateless = profile_.is_stateless;
    }
    const bool is_done = answer && std::holds_alternative<mcp::Completed>(*answer);
    if (is_done && has_client_s_tasks()) {
        tasks_->translate(std::get<mcp::Completed>(*answer), request);
    }
    if (is_done && request.method.starts_with("resources/")) remember(request);
    if (is_done && request.method == "logging/setLevel") remember(request);
    co_return answer;
}

// The link's own token would end with the call.
void Lease::put_task_token(mcp::Request& request) {
    if (request.progress_token.empty()) return;
    request.params.replace(request.progress_token, tasks_->progress_token(request.progress_token));
    request.progress_token = {};
}

Task<Result<mcp::Answer>> Lease::call_as_task(mcp::Request request, mcp::Exchange& caller) {
    request.needs_task = false;
    GW_CO_DO(co_await ensure_open());
    if (profile_.is_stateless) co_return co_await call(std::move(request), caller);
    TaskRunner runner(*this, caller, around_.shard, around_.shard.wheel());
    co_return co_await runner.run(std::move(request));
}

// The request as the link takes it, in the era of its server.
Task<Result<mcp::Answer>> Lease::send(const mcp::Request& request, mcp::Exchange& caller) {
    if (request.envelope == nullptr || link_->is_stateless()) return link_->call(request, caller);
    return send_bare(request, caller);
}

// A stateless client says with its request what a server with sessions was told before.
Task<Result<mcp::Answer>> Lease::send_bare(const mcp::Request& request, mcp::Exchange& caller) {
    const auto generation = generation_;
    const auto level = request.envelope->log_level;
    if (level && profile_.has_logging && (!log_level_ || *level < *log_level_)) {
        co_await raise_log_level(*level);
        if (generation != generation_ || !link_) {
            co_return fail(Errc::unknown_session, "the upstream session was lost");
        }
    }
    const auto bare = without_envelope(request);
    co_return co_await link_->call(bare, caller);
}

// Others with the same session may want less; whoever gets the messages leaves those out.
Task<> Lease::raise_log_level(mcp::LogLevel wanted) {
    log_level_ = wanted;
    mcp::Nobody nobody;
    const auto params = set_level_params(wanted);
    const mcp::Request request{
        .method = "logging/setLevel",
        .params = std::string_view(params),
        .deadline = around_.shard.now() + around_.limits.list_timeout
    };
    if (const auto answer = co_await link_->call(request, nobody); !answer) {
        around_.log(config_.name, "did not set the log level: " + answer.error().text);
    }
}

// What a stateless server asks, it asks by its answer.
Result<void> Lease::check_input(const Result<mcp::Answer>& answer) const {
    if (!config_.declares_all || !answer) return {};
    const auto* required = std::get_if<mcp::InputRequired>(&*answer);
    if (required == nullptr) return {};
    GW_TRY(const auto input, mcp::parse_input_required(required->result.view()));
    for (const auto& [key, method, params] : input.requests) {
        if (is_beyond_client(method, params)) return beyond_client(method, params);
    }
    return {};
}

// What has to be restored when the session is opened again.
void Lease::remember(const mcp::Request& request) {
    const auto text = request.params.str();  // What is parsed are views into it.
    const auto params = json::Object::parse(text);
    if (!params) return;
    const std::string uri((*params)["uri"]);
    if (request.method == "resources/subscribe") subscriptions_.insert(uri);
    if (request.method == "resources/unsubscribe") subscriptions_.erase(uri);
    if (request.method == "logging/setLevel") {
        log_level_ = mcp::parse_log_level(params->string("level").value_or(""));
    }
}

void Lease::notify(std::string_view method, std::string_view params) {
    if (!link_ || !link_->is_usable()) return;
    if (!has_client_s_tasks()) return link_->notify(method, params);
    link_->notify(method, tasks_->with_server_s_ids(params));
}

// One call opens the link, the others wait for it.
Task<Result<void>> Lease::ensure_open() {
    while (is_opening_) {
        async::Event opened(around_.shard);
        opening_.push_back(&opened);
        const bool was_opened = co_await opened.wait();
        std::erase(opening_, &opened);
        if (!was_opened) co_return fail(Errc::timed_out, "Upstream server did not answer in time");
    }
    if (link_ && link_->is_usable()) co_return Result<void>();
    if (link_) drop_link();
    is_opening_ = true;
    auto opened = co_await open();
    is_opening_ = false;
    for (auto* waiting : opening_)
        waiting->set();
    co_return opened;
}

Task<Result<void>> Lease::open() {
    const async::Deadline deadline(
        around_.shard.wheel(),
        around_.shard.now() + around_.limits.list_timeout,
        co_await this_fiber()
    );
    link_ = make_link_(declared_);
    ++generation_;
    auto result = co_await link_->open(initialize_params_);
    if (result) {
        auto profile = catalog::parse_profile(result->view());
        if (!profile) {
            drop_link();
            co_return fail(
                Errc::upstream_failed, "upstream answered initialize wrongly", profile.error().text
            );
        }
        profile_ = std::move(*profile);
        profile_.is_stateless = link_->is_stateless();
        if (profile_.is_stateless) profile_.core_tasks = {};
        auto restored = co_await restore();
        if (restored) co_return restored;
        result = std::unexpected(std::move(restored).error());
    }
    drop_link();
    if (deadline.has_expired()) co_return deadline.stopped("Upstream server");
    co_return std::unexpected(std::move(result).error());
}

Task<Result<void>> Lease::restore() {
    mcp::Nobody nobody;
    if (log_level_ && profile_.has_logging) {
        const auto params = set_level_params(*log_level_);
        const mcp::Request request{
            .method = "logging/setLevel", .params = std::string_view(params)
        };
        GW_CO_DO(co_await link_->call(request, nobody));
    }
    const auto wanted = subscriptions_;
    for (const auto& uri : wanted) {
        const auto params = R"({"uri":)" + uri + "}";
        const mcp::Request request{
            .method = "resources/subscribe", .params = std::string_view(params)
        };
        GW_CO_DO(co_await link_->call(request, nobody));
    }
    co_return Result<void>();
}

void Lease::drop_link() {
    if (link_) gate_.spawn(retire(std::move(link_)));
}

Task<> Lease::retire(std::unique_ptr<Link> link) {
    co_await link->close();
}

Task<> Lease::close() {
    drop_link();
    auto& fiber = co_await this_fiber();
    while (gate_.running() > 0 || running_ > 0 || link_) {
        drop_link();  // A call may have been about to open it.
        const async::Shield shield(fiber);
        co_await async::sleep_until(
            around_.shard, around_.shard.wheel(), around_.shard.now() + async::Wheel::tick
        );
    }
}

Task<Result<catalog::ListingHandle>> Lease::list(mcp::Exchange& caller) {
    GW_CO_DO(co_await ensure_open());
    auto listing = std::make_shared<catalog::Listing>();
    listing->profile = profile_;
    for (const auto kind : catalog::kinds) {
        if (!profile_.has[static_cast<std::size_t>(kind)]) continue;
        GW_CO_DO(co_await add_items(kind, *listing, caller));
    }
    co_return listing;
}

Task<Result<void>> Lease::add_items(
    catalog::Kind kind, catalog::Listing& listing, mcp::Exchange& caller
) {
    std::string cursor;
    std::size_t skipped = 0;
    for (std::size_t page = 0; page < pages_max; ++page) {
        GW_CO_TRY(const auto result, co_await list_page(kind, cursor, caller));
        if (result.empty()) co_return Result<void>();  // It does not have this list after all.
        GW_CO_TRY(const auto object, json::Object::parse(result.view()));
        const auto array = object[catalog::names_of(kind).member];
        GW_CO_TRY(auto items, catalog::parse_items(kind, array.empty() ? "[]" : array, skipped));
        auto& all = listing.items[static_cast<std::size_t>(kind)];
        std::ranges::move(items, std::back_inserter(all));
        auto& hint = listing.hints[static_cast<std::size_t>(kind)];
        catalog::add_hint(hint, object["ttlMs"], object["cacheScope"]);
        const auto next = object["nextCursor"];
        if (next.empty() || next == "null" || next == cursor) break;
        cursor = next;
    }
    if (skipped > 0) {
        around_.log(config_.name, "lists " + std::to_string(skipped) + " unusable items");
    }
    co_return Result<void>();
}

// The result of one list request, empty when the server has no such method.
Task<Result<Slice>> Lease::list_page(
    catalog::Kind kind, const std::string& cursor, mcp::Exchange& caller
) {
    const auto params = cursor.empty() ? std::string("{}") : R"({"cursor":)" + cursor + "}";
    GW_CO_TRY(
        auto answer,
        co_await call(
            {.method = catalog::names_of(kind).list_method,
             .params = std::string_view(params),
             .progress_token = {},
             .deadline = around_.shard.now() + around_.limits.list_timeout,
             .is_repeatable = true},
            caller
        )
    );
    if (auto* completed = std::get_if<mcp::Completed>(&answer))
        co_return std::move(completed->result);
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    const auto error = json::Object::parse(refused != nullptr ? refused->error.view() : "{}");
    if (error && (*error)["code"] == "-32601") co_return Slice();
    co_return fail(Errc::upstream_failed, "upstream refused to list");
}

}  // namespace gw::upstream
