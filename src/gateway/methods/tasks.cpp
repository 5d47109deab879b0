#include "gateway/tasks.hpp"

#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <utility>

namespace gw::gateway {

namespace {

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

// tasks/get, tasks/update and tasks/cancel of the extension: from the server that runs the task.
Task<Result<mcp::Answer>> about_task(Call& call) {
    GW_CO_DO(check_declares_tasks(call));
    GW_CO_TRY(auto id, own_task(call));
    GW_CO_TRY(const auto view, co_await session_view(call));
    GW_CO_TRY(auto* peer, connect_to_server_of(call, *view, id));
    call.request.params.replace(call.part(mcp::Part::task_id), json::quoted(id.original));
    call.request.name = std::move(id.original);
    call.request.is_repeatable = call.request.method == "tasks/get";
    auto answer = co_await peer->call(std::move(call.request), call.caller);
    if (!answer) co_return answer;
    co_return with_client_s_id(call, std::move(*answer));
}

}  // namespace gw::gateway
