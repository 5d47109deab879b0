#include "base/json.hpp"
#include "gateway/client_tasks.hpp"
#include "mcp/task_ids.hpp"
#include "upstream/lease/lease.hpp"
#include "upstream/lease/task_runner.hpp"

#include <algorithm>
#include <utility>

// The tasks that are begun through a Lease.
namespace gw::upstream {

namespace {

// Of what tasks/get says.
bool is_over(std::string_view task) {
    const auto object = json::Object::parse(task);
    const auto status = object ? object->string("status").value_or("") : "";
    return status == "completed" || status == "failed" || status == "cancelled";
}

}  // namespace

std::vector<std::uint64_t> Lease::sessions_with_tasks() const {
    std::vector<std::uint64_t> numbers;
    for (const auto& each : old_links_) {
        const bool may_be_asked = each.link->is_usable() && !each.calls.is_shut();
        if (!each.tasks.empty() && may_be_asked) numbers.push_back(each.number);
    }
    return numbers;
}

// Which tasks were begun in the link and not fetched: for these it is kept. A task of the core has
// its outcome by tasks/result, one of the extension by tasks/get.
void Lease::note_tasks(OpenLink& open, const mcp::Request& request, Result<mcp::Answer>& answer) {
    constexpr std::size_t tasks_max_here = 1000;
    auto* const completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (!request.method.starts_with("tasks/")) {
        if (completed == nullptr) return;
        const auto text = completed->result.view();
        const auto id = completed->is_task ? mcp::task_id(text) : mcp::created_task_id(text);
        if (id.empty()) return;
        completed->session = open.number;
        if (open.tasks.size() < tasks_max_here) open.tasks.emplace(id);
        return;
    }
    if (!answer || request.method == "tasks/list" || open.tasks.empty()) return;
    const bool has_ended = completed == nullptr || request.method == "tasks/result" ||
                           request.method == "tasks/cancel" ||
                           (open.link->is_stateless() && is_over(completed->result.view()));
    if (!has_ended) return;
    const auto params = request.params.str();
    const auto found = open.tasks.find(mcp::task_id(params));
    if (found == open.tasks.end()) return;
    open.tasks.erase(found);
    open.task_ended.set();
}

// A task's progress goes on when its call has ended, and with it the token that the link would put
// there. So the token is one that names the task's client.
void Lease::put_task_token(mcp::Request& request) {
    if (request.progress_token.empty()) return;
    request.params.replace(request.progress_token, tasks_->progress_token(request.progress_token));
    request.progress_token = {};
}

Task<Result<mcp::Answer>> Lease::call_as_task(mcp::Request request, mcp::Exchange& caller) {
    request.needs_task = false;
    const auto until = std::min(request.deadline, around_.shard.now() + config_->call_timeout);
    GW_CO_DO(co_await ensure_open(until, caller));
    if (profile_.is_stateless) co_return co_await call(std::move(request), caller);
    TaskRunner runner(*this, caller, around_.shard, around_.shard.wheel());
    co_return co_await runner.run(std::move(request));
}

}  // namespace gw::upstream
