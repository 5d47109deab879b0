#include "gateway/task_rounds.hpp"

#include "base/json.hpp"
#include "gateway/questions.hpp"
#include "mcp/task_polling.hpp"

#include <set>
#include <string>
#include <utility>

namespace gw::gateway {

namespace {

constexpr std::string_view missing_capability = "-32021";

// How the task has ended.
Result<mcp::Answer> outcome_of(const json::Object& task, std::string_view status) {
    if (status == "completed" && task["result"].starts_with('{')) {
        return mcp::Completed{.result = Slice(std::string(task["result"])), .has_type = true};
    }
    if (status == "failed" && task["error"].starts_with('{')) {
        return mcp::Refused{Slice(std::string(task["error"])), true};
    }
    if (status == "cancelled") {
        return fail(Errc::upstream_failed, "upstream cancelled the task of the call");
    }
    return fail(Errc::upstream_failed, "upstream ended a task in a wrong way");
}

class TaskRounds {
public:
    TaskRounds(Call& call, mcp::Peer& peer, SteadyProgress& caller, std::string quoted_id)
        : call_(call), peer_(peer), caller_(caller), quoted_id_(std::move(quoted_id)) {}

    // `text` is what the server says of the task.
    Task<Result<mcp::Answer>> run(std::string text) {
        const auto until = call_.session.around().wheel.now() + mcp::task_max;
        for (;;) {
            GW_CO_TRY(const auto task, json::Object::parse(text));
            GW_CO_TRY(const auto status, task.string("status"));
            if (status != "working" && status != "input_required") {
                co_return outcome_of(task, status);
            }
            GW_CO_DO(co_await answer_what_is_asked(task, text, until));
            GW_CO_TRY(auto told, co_await send("tasks/get", {}, caller_));
            const auto* completed = std::get_if<mcp::Completed>(&told);
            if (completed == nullptr) co_return told;
            text = completed->result.view();
        }
    }

    Task<> cancel() {
        const async::Shield shield(co_await this_fiber());
        mcp::Nobody nobody;
        std::ignore = co_await send("tasks/cancel", {}, nobody);
    }

private:
    // Waits a little if there is nothing new to ask. Keys are unique in the life of a task, and
    // what has been answered may still be listed.
    Task<Result<void>> answer_what_is_asked(
        const json::Object& task, std::string_view text, TimePoint until
    ) {
        mcp::InputRequests input;
        if (!task["inputRequests"].empty()) {
            GW_CO_TRY(input, mcp::parse_input_required(text));
        }
        std::erase_if(input.requests, [this](const auto& each) {
            return !answered_.insert(each.key).second;
        });
        Questions questions(call_, caller_, std::move(input));
        GW_CO_TRY(
            const auto responses,
            co_await questions.ask(mcp::poll_pause(task["pollIntervalMs"]), until)
        );
        if (responses.empty()) co_return Result<void>();
        GW_CO_TRY(
            const auto told,
            co_await send("tasks/update", R"(,"inputResponses":)" + responses, caller_)
        );
        if (std::holds_alternative<mcp::Completed>(told)) co_return Result<void>();
        co_return fail(Errc::upstream_failed, "upstream did not take the input of a task");
    }

    Task<Result<mcp::Answer>> send(
        std::string_view method, std::string_view more, mcp::Exchange& who
    ) {
        const auto params = R"({"taskId":)" + quoted_id_ + std::string(more) + "}";
        mcp::Request request{
            .method = method,
            .params = std::string_view(params),
            .name = json::unquoted(quoted_id_),
            .is_repeatable = method == "tasks/get",
            .accepts_task = true
        };
        if (method == "tasks/cancel") {
            request.deadline = call_.session.around().wheel.now() + mcp::task_cancel_max;
        }
        co_return co_await peer_.call(std::move(request), who);
    }

    Call& call_;
    mcp::Peer& peer_;
    SteadyProgress& caller_;
    std::string quoted_id_;
    std::set<std::string> answered_;
};

}  // namespace

bool needs_tasks(const Result<mcp::Answer>& answer) {
    const auto* refused = answer ? std::get_if<mcp::Refused>(&*answer) : nullptr;
    if (refused == nullptr || !refused->is_stateless || !refused->may_repeat) return false;
    const auto error = json::Object::parse(refused->error.view());
    if (!error || (*error)["code"] != missing_capability) return false;
    const auto data = json::Object::parse((*error)["data"]);
    const auto needed = data ? (*data)["requiredCapabilities"] : std::string_view();
    const auto capabilities = mcp::parse_capabilities(needed, mcp::newest);
    return capabilities && capabilities->tasks;
}

Task<Result<mcp::Answer>> follow_task(
    Call& call, mcp::Peer& peer, SteadyProgress& caller, mcp::Completed created
) {
    std::string text(created.result.view());
    GW_CO_TRY(const auto task, json::Object::parse(text));
    const auto id = task["taskId"];
    if (!id.starts_with('"')) {
        co_return fail(Errc::upstream_failed, "upstream began a task without an id");
    }
    TaskRounds rounds(call, peer, caller, std::string(id));
    auto outcome = co_await rounds.run(std::move(text));
    const bool is_left = !outcome && (outcome.error().kind == Errc::cancelled ||
                                      outcome.error().kind == Errc::timed_out);
    if (is_left) co_await rounds.cancel();
    co_return outcome;
}

}  // namespace gw::gateway
