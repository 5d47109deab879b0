#include "base/json.hpp"
#include "gateway/input_rounds.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"
#include "gateway/tasks.hpp"

#include <chrono>

namespace gw::gateway {

namespace {

// How long a client may wait for what a task comes to; its server may be silent all the time.
constexpr std::chrono::hours result_max{1};

// Leads the call to the server that runs the task, whose own id is put into the request.
Task<Result<void>> route(Call& call) {
    GW_CO_TRY(const auto task, own_task(call));
    GW_CO_TRY(const auto view, co_await session_view(call));
    GW_CO_DO(connect_to_server_of(call, *view, task));
    call.request.params.replace(call.part(mcp::Part::task_id), json::quoted(task.original));
    call.request.is_repeatable = call.request.method != "tasks/cancel";
    co_return Result<void>();
}

// After a question or progress a peer waits no longer than for any other call; then it is asked
// again, which does no harm: the task goes on.
Task<Result<mcp::Answer>> wait_for_result(Call& call) {
    auto& wheel = call.session.wheel();
    call.request.deadline = wheel.now() + result_max;
    for (;;) {
        auto answer = co_await call.server->call(mcp::Request(call.request), call.caller);
        const bool goes_on = !answer && answer.error().kind == Errc::timed_out;
        if (!goes_on || wheel.now() >= call.request.deadline) co_return answer;
    }
}

}  // namespace

// tasks/get, tasks/result and tasks/cancel of 2025-11-25: from the server that runs the task. The
// peer gives its answer with the client's id.
Task<Result<mcp::Answer>> about_core_task(Call& call) {
    GW_CO_DO(co_await route(call));
    if (call.request.method == "tasks/result") co_return co_await wait_for_result(call);
    co_return co_await call.server->call(std::move(call.request), call.caller);
}

}  // namespace gw::gateway
