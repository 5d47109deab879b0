#include "upstream/lease/task_runner.hpp"

#include "async/deadline.hpp"
#include "base/json.hpp"
#include "mcp/outgoing.hpp"
#include "mcp/related_task.hpp"
#include "mcp/task_polling.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gw::upstream {

namespace {

using std::chrono::milliseconds;

// The same request with `task` in its params, which are put into `text`.
mcp::Request as_task(mcp::Request request, std::string& text) {
    text = request.params.str();
    text.insert(text.size() - 1, R"(,"task":{})");  // There is a name before it.
    mcp::move_params(request, text);
    request.is_run_as_task = true;
    return request;
}

const mcp::Completed* completed(const Result<mcp::Answer>& answer) {
    return answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
}

// What a tool came to, as if there had been no task.
Result<mcp::Answer> plain(Result<mcp::Answer> answer) {
    if (const auto* result = completed(answer)) {
        return mcp::Completed{Slice(mcp::without_related_task(result->result.view())), {}};
    }
    return answer;
}

}  // namespace

// What the server says of the task.
struct TaskRunner::Status {
    std::string quoted_id;
    std::string status;
    milliseconds pause{};

    static Result<Status> parse(std::string_view task) {
        GW_TRY(const auto object, json::Object::parse(task));
        Status read{.quoted_id = std::string(object["taskId"]), .status = {}};
        GW_TRY(read.status, object.string("status"));
        read.pause = mcp::poll_pause(object["pollInterval"]);
        return read;
    }

    bool is_working() const { return status == "working"; }

    bool needs_input() const { return status == "input_required"; }
};

TaskRunner::TaskRunner(
    mcp::Peer& peer, mcp::Exchange& caller, async::Loop& loop, async::Wheel& wheel
)
    : peer_(peer), caller_(caller), wheel_(wheel), wake_(loop) {}

Task<Result<mcp::Answer>> TaskRunner::Unaware::ask(mcp::ServerRequest request) {
    const auto params = mcp::without_related_task(request.params);
    if (!request.params.empty()) request.params = params;
    co_return co_await caller_.ask(request);
}

void TaskRunner::withdraw() {
    is_withdrawn_ = true;
    wake_.set();
}

Task<Result<mcp::Answer>> TaskRunner::run(mcp::Request request) {
    std::string text;
    auto created = co_await peer_.call(as_task(std::move(request), text), caller_);
    const auto* result = completed(created);
    if (result == nullptr) co_return created;
    session_ = result->session;
    GW_CO_TRY(const auto object, json::Object::parse(result->result.view()));
    if (object["task"].empty()) co_return created;  // It could do without one.
    auto status = Status::parse(object["task"]);
    if (!status || !status->quoted_id.starts_with('"')) {
        co_return fail(
            Errc::upstream_failed, "upstream sent an invalid answer to a request for a task"
        );
    }
    const auto id = status->quoted_id;
    auto outcome = co_await follow(*std::move(status));
    const bool is_left = !outcome && (outcome.error().kind == Errc::cancelled ||
                                      outcome.error().kind == Errc::timed_out);
    if (is_left) co_await cancel(id);
    co_return plain(std::move(outcome));
}

// Until the task has ended.
Task<Result<mcp::Answer>> TaskRunner::follow(Status status) {
    const auto until = wheel_.now() + mcp::task_max;
    const auto id = status.quoted_id;
    while (wheel_.now() < until) {
        if (status.status == "cancelled") {
            co_return fail(Errc::upstream_failed, "upstream cancelled the task of the call");
        }
        if (!status.is_working()) {
            // On its stream comes what the server asks; it may take longer than a call.
            auto result = co_await ask_server("tasks/result", id, caller_);
            const bool goes_on = !result && result.error().kind == Errc::timed_out;
            if (!status.needs_input() || !goes_on) co_return result;
        }
        co_await pause(status.pause);
        if (is_withdrawn_ || (co_await this_fiber()).is_cancelled) {
            co_return fail(Errc::cancelled, "the request was withdrawn");
        }
        auto got = co_await ask_server("tasks/get", id, caller_);
        const auto* told = completed(got);
        if (told == nullptr) co_return got;
        GW_CO_TRY(status, Status::parse(told->result.view()));
    }
    co_return fail(Errc::timed_out, "The task of the call did not end in time");
}

Task<Result<mcp::Answer>> TaskRunner::ask_server(
    std::string_view method, const std::string& quoted_id, mcp::Exchange& who
) {
    const auto params = R"({"taskId":)" + quoted_id + "}";
    mcp::Request request{
        .method = method,
        .params = std::string_view(params),
        .is_repeatable = true,
        .session = session_
    };
    co_return co_await peer_.call(std::move(request), who);
}

Task<> TaskRunner::pause(milliseconds time) {
    caller_.set_withdrawable(this);
    const async::Deadline deadline(wheel_, wheel_.now() + time, co_await this_fiber());
    co_await wake_.wait();
    caller_.set_withdrawable(nullptr);
}

Task<> TaskRunner::cancel(const std::string& quoted_id) {
    mcp::Nobody nobody;
    const async::Deadline deadline(
        wheel_, wheel_.now() + mcp::task_cancel_max, co_await this_fiber()
    );
    std::ignore = co_await ask_server("tasks/cancel", quoted_id, nobody);
}

}  // namespace gw::upstream
