#include "upstream/session/session_lease.hpp"

#include "mcp/log_level.hpp"
#include "upstream/ground/incoming.hpp"

#include <utility>

namespace gw::upstream {

namespace {

// True when the session wants log messages of this level. A client that never set one gets what
// the server sends (server/utilities/logging, Setting Log Level).
bool wants_log(const session::Session& session, std::string_view params) {
    return !session.log_level || mcp::is_at_least(params, *session.log_level);
}

// Tasks of the core are for clients with a session, on whose stream they hear what becomes of them.
std::optional<gateway::ClientTasks> tasks_of(
    const session::Terms& terms, std::string_view upstream, const gateway::TaskSeal* seal
) {
    const bool has_tasks = features(terms.revision).execution && !terms.id.empty();
    if (!has_tasks || seal == nullptr) return {};
    return gateway::ClientTasks(*seal, terms, upstream);
}

}  // namespace

SessionLease::SessionLease(
    Hub& hub,
    session::Session& session,
    auth::UpstreamNumber which,
    ReachedHandle reached,
    std::function<void(SessionLease&)> changed,
    const gateway::TaskSeal* task_seal
)
    : upstream(which),
      server(std::move(reached)),
      tasks(tasks_of(session.terms(), server->config().name, task_seal)),
      lease(
          hub.around(),
          config_of(server),
          session.terms().capabilities,
          [this](LinkPurpose purpose) {
              is_stale = true;
              purpose.owner = session_.terms().owner.key();
              purpose.prefers = is_stateless_ ? Era::stateless : Era::sessions;
              purpose.give_up = [this] { return give_up(); };
              // Changes of lists come by the catalogue: lists of a stateless server do not differ
              // from client to client.
              return hub_.make_link(upstream, *server, purpose, *this);
          },
          tasks ? &*tasks : nullptr
      ),
      subscriptions(
          hub.around().shard,
          hub.around().shard.wheel(),
          lease,
          hub.around().limits.list_timeout,
          [this] { return lease.is_stateless(); }
      ),
      hub_(hub),
      session_(session),
      changed_(std::move(changed)),
      is_stateless_(!mcp::features(session.terms().revision).sessions),
      answered_(hub.around().shard) {
    if (session.log_level) lease.set_log_level(*session.log_level);
    lease.tell_missed([this](const std::string& uri) { tell_updated(uri); });
}

Task<Result<mcp::Answer>> SessionLease::call_alone(mcp::Request request, mcp::Exchange& caller) {
    running_ = &caller;
    auto answer = co_await lease.call(std::move(request), caller);
    running_ = nullptr;
    for (auto* each : asking_)
        each->move(hub_.around().shard.now());
    auto& fiber = co_await this_fiber();
    while (!asking_.empty()) {
        const async::Shield shield(fiber);
        co_await answered_.wait();
    }
    co_return answer;
}

void SessionLease::move_to(auth::UpstreamNumber number, ReachedHandle reached) {
    upstream = number;
    server = std::move(reached);
    is_stale = true;
    lease.move_to(config_of(server));
}

void SessionLease::leave() {
    has_left_ = true;
    subscriptions.end();
    lease.forget_subscriptions();
}

Task<> SessionLease::close() {
    lease.end();
    co_await subscriptions.close();
    co_await lease.close();
}

bool SessionLease::give_up() {
    const bool has_state = !lease.is_stateless();
    if (!lease.give_up()) return false;
    if (!has_state) return true;
    hub_.around().log(
        server->config(),
        "a process that was idle is ended to make room for another (processes.max, "
        "processes.per_upstream_max); its session's state is lost"
    );
    return true;
}

// What the server says outside of calls. A stateless client hears of changes that it listens to,
// and of the rest not at all.
Task<Result<void>> SessionLease::notify(mcp::Notification notification) {
    if (has_left_) co_return Result<void>();
    if (is_stateless_) {
        session_.notify_changed(notification.method);
        if (notification.method != session::resource_updated) co_return Result<void>();
    }
    if (notification.method.ends_with("/list_changed")) {
        if (!std::exchange(is_own, true)) {
            lease.keep_open([this] { tell_what_was_missed(); });
        }
        is_stale = true;
        changed_(*this);
        session_.notify_changed(notification.method);
        co_return Result<void>();
    }
    if (notification.method == "notifications/message" &&
        !wants_log(session_, notification.params)) {
        co_return Result<void>();
    }
    if (notification.method == "notifications/progress") {
        co_return co_await lease.tell_progress(session_, notification);
    }
    if (notification.method == task_status && !tasks) co_return Result<void>();
    co_return co_await lease.tell(session_, notification);
}

void SessionLease::tell_updated(const std::string& uri) {
    const auto params = R"({"uri":)" + uri + "}";
    session_.notify_updated(params);
}

// Lists that it has for itself may have changed while the server had no session of it.
void SessionLease::tell_what_was_missed() {
    for (const auto kind : catalog::kinds)
        session_.notify_changed(catalog::names_of(kind).list_changed);
}

Task<Result<mcp::Answer>> SessionLease::ask(mcp::ServerRequest request) {
    if (is_stateless_) co_return co_await ask_running(request);
    co_return co_await lease.ask(session_, request);
}

// A request outside of calls names no call. It is put to the call that has the lease to itself,
// since it can be for no other; when none runs there is nobody to answer.
Task<Result<mcp::Answer>> SessionLease::ask_running(mcp::ServerRequest request) {
    if (running_ == nullptr) co_return fail(Errc::unavailable, "no call is running");
    auto& around = hub_.around();
    async::Deadline until_end(around.shard.wheel(), TimePoint::max(), co_await this_fiber());
    asking_.push_back(&until_end);
    auto answer = co_await lease.ask(*running_, request);
    std::erase(asking_, &until_end);
    if (asking_.empty()) answered_.set();
    if (until_end.has_expired()) co_return fail(Errc::cancelled, "the call has ended");
    co_return answer;
}

}  // namespace gw::upstream
