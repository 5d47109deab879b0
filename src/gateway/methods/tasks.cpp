#include "gateway/tasks.hpp"

#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"
#include "gateway/task_id.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gw::gateway {

namespace {

// What the client's id stands for, if this client got it from this virtual server. Whoever else has
// it learns nothing by it.
Result<TaskId> task_of(const Call& call) {
    GW_TRY(const auto text, call.string(mcp::Part::task_id, "taskId"));
    auto id = call.task_seal.open(text);
    const bool is_own = id && id->server == call.session.terms().server &&
                        id->principal == digest_of(call.who().name);
    if (!is_own) return fail(Errc::invalid_params, "Unknown task");
    return *std::move(id);
}

// The answer with the id as the client knows it.
mcp::Answer with_client_s_id(const Call& call, mcp::Answer answer) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr) return answer;
    const auto text = completed->result.view();
    const auto object = json::Object::parse(text);
    const auto theirs = object ? (*object)["taskId"] : std::string_view();
    if (theirs.empty()) return answer;
    mcp::Splice with_ours(text);
    with_ours.replace(theirs, std::string(call.part(mcp::Part::task_id)));
    completed->result = Slice(with_ours.str());
    return answer;
}

}  // namespace

// tasks/get, tasks/update and tasks/cancel: from the server that runs the task.
Task<Result<mcp::Answer>> about_task(Call& call) {
    GW_CO_DO(check_declares_tasks(call));
    GW_CO_TRY(auto id, task_of(call));
    GW_CO_TRY(const auto view, co_await session_view(call));
    const auto& sources = view->sources();
    if (std::ranges::find(sources, id.upstream, &catalog::Source::upstream) == sources.end()) {
        co_return fail(Errc::upstream_failed, "the server of the task is not available");
    }
    const auth::Object target{.name = id.original, .upstream = id.upstream};
    GW_CO_TRY(const auto permit, auth::authorize(call.who(), auth::Action::invoke, target));
    GW_CO_TRY(auto* peer, call.session.upstreams->connect(permit));
    call.request.params.replace(call.part(mcp::Part::task_id), json::quoted(id.original));
    call.request.name = std::move(id.original);
    call.request.is_repeatable = call.request.method == "tasks/get";
    auto answer = co_await peer->call(std::move(call.request), call.caller);
    if (!answer) co_return answer;
    co_return with_client_s_id(call, std::move(*answer));
}

}  // namespace gw::gateway
