#include "gateway/tasks.hpp"

#include "base/json.hpp"
#include "gateway/asked_input.hpp"
#include "gateway/input_rounds.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <utility>

namespace gw::gateway {

namespace {

// The answer with the id as the client knows it.
mcp::Answer with_client_id(const Call& call, mcp::Answer answer) {
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

// A task may need input, too (SEP-2663): that is asked as a call would ask it.
Result<void> present_input(const Call& call, mcp::Answer& answer) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr) return {};
    const auto text = completed->result.view();
    const auto object = json::Object::parse(text);
    if (!object || (*object)["inputRequests"].empty()) return {};
    GW_TRY(const auto asked, mcp::parse_input_required(text));
    GW_DO(check_declared(call, asked));
    completed->result = Slice(presented(call, text, asked, std::string(asked.state)));
    return {};
}

}  // namespace

// tasks/get, tasks/update and tasks/cancel of the extension: from the server that runs the task.
Task<Result<mcp::Answer>> about_task(Call& call) {
    GW_CO_TRY(const auto view, co_await session_view(call));
    auto id = own_task(call);
    // A task may outlive what its server shows.
    if (!id && !view->profile().has_tasks) {
        co_return fail(
            Errc::unknown_method, "Method not found: " + std::string(call.request.method)
        );
    }
    GW_CO_DO(check_declares_tasks(call));
    if (!id) co_return std::unexpected(std::move(id).error());
    GW_CO_DO(connect_to_server_of(call, *view, *id));
    call.request.params.replace(call.part(mcp::Part::task_id), json::quoted(id->original));
    call.request.name = std::move(id->original);
    call.request.is_repeatable = call.request.method == "tasks/get";
    auto answer = co_await call.server->call(std::move(call.request), call.caller);
    if (!answer) co_return answer;
    GW_CO_DO(present_input(call, *answer));
    co_return with_client_id(call, std::move(*answer));
}

}  // namespace gw::gateway
