#include "gateway/client_tasks.hpp"
#include "mcp/member.hpp"
#include "mcp/name_asker.hpp"
#include "upstream/lease/lease.hpp"

#include <utility>

// What the server of a Lease asks and says on its own.
namespace gw::upstream {

Task<Result<mcp::Answer>> Lease::ask(mcp::Exchange& caller, mcp::ServerRequest request) {
    if (!mcp::allows(declared_, request.method, request.params)) {
        co_return std::unexpected(mcp::refusal(declared_, request.method));
    }
    request.from = this;
    std::string named;
    if (names_asker_) {
        named = mcp::name_asker(request.method, request.params, config_->name);
        request.params = named;
    }
    if (has_client_tasks()) co_return co_await ask_of_task(caller, request);
    co_return co_await caller.ask(request);
}

// What is asked may belong to a task, and what the client answers does then, too.
Task<Result<mcp::Answer>> Lease::ask_of_task(mcp::Exchange& caller, mcp::ServerRequest request) {
    const auto params = tasks_->with_client_ids(request.params);
    request.params = params;
    auto answer = co_await caller.ask(request);
    if (auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr) {
        completed->result = Slice(tasks_->with_server_ids(completed->result.view()));
    }
    co_return answer;
}

Task<Result<void>> Lease::tell(mcp::Exchange& caller, mcp::Notification notification) {
    if (!notification.is_of_task || !has_client_tasks()) return caller.notify(notification);
    return tell_of_task(caller, notification);
}

Task<Result<void>> Lease::tell_of_task(mcp::Exchange& caller, mcp::Notification notification) {
    const auto params = tasks_->with_client_ids(notification.params);
    notification.params = params;
    if (!notification.progress_token.empty()) {
        notification.progress_token = mcp::member(params, "progressToken");
    }
    co_return co_await caller.notify(notification);
}

Task<Result<void>> Lease::tell_progress(mcp::Exchange& caller, mcp::Notification notification) {
    const auto token =
        tasks_ != nullptr ? tasks_->client_token(notification.progress_token) : std::string_view();
    if (token.empty()) co_return Result<void>();
    mcp::Splice changed(notification.params);
    changed.replace(notification.progress_token, std::string(token));
    const auto params = tasks_->with_client_ids(changed.str());
    co_return co_await caller.notify({.method = notification.method, .params = params});
}

}  // namespace gw::upstream
