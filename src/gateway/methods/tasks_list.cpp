#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"
#include "mcp/task_ids.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace gw::gateway {

namespace {

constexpr std::size_t pages_max = 1000;    // Of one server.
constexpr std::size_t tasks_max = 10'000;  // Of all together.
constexpr std::chrono::seconds server_time{10};

// The tasks of several servers, as JSON. Two sessions at one server may both list one.
struct Tasks {
    std::string text;
    std::size_t count = 0;
    std::set<std::string, std::less<>> ids = {};

    Result<void> add(std::string_view array) {
        GW_TRY(const auto tasks, json::elements(array, tasks_max));
        for (const auto task : tasks) {
            if (count == tasks_max) break;
            const auto id = mcp::task_id(task);
            if (!id.empty() && !ids.emplace(id).second) continue;
            text.append(count++ > 0 ? "," : "").append(task);
        }
        return {};
    }
};

// All pages of one server, of its session `session`, 0: that of now. What came before it failed
// counts.
Task<Result<mcp::Answer>> add_tasks(
    Call& call, mcp::Peer& peer, std::uint64_t session, Tasks& tasks
) {
    const auto deadline = call.session.wheel().now() + server_time;
    std::string params = "{}";
    for (std::size_t page = 0; page < pages_max && tasks.count < tasks_max; ++page) {
        auto answer = co_await peer.call(
            {.method = call.request.method,
             .params = std::string_view(params),
             .deadline = deadline,
             .is_repeatable = true,
             .session = session},
            call.caller
        );
        const auto* listed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
        if (listed == nullptr) co_return answer;
        GW_CO_TRY(const auto result, json::Object::parse(listed->result.view()));
        GW_CO_DO(tasks.add(result["tasks"]));
        const auto next = result["nextCursor"];
        auto following = R"({"cursor":)" + std::string(next) + "}";
        if (!next.starts_with('"') || following == params) break;
        params = std::move(following);
    }
    co_return mcp::Completed{};
}

bool lists_tasks(const catalog::ServerProfile& profile) {
    return profile.core_tasks.list;
}

}  // namespace

// tasks/list of 2025-11-25: what all servers list, on one page. One that fails does not fail the
// request, unless all do.
Task<Result<mcp::Answer>> tasks_list(Call& call) {
    // There is no second page.
    if (call.scan.has(mcp::Part::cursor)) co_return fail(Errc::invalid_params, "Unknown cursor");
    GW_CO_TRY(const auto view, co_await session_view(call));
    GW_CO_TRY(const auto peers, connect_to_all(call, *view, &lists_tasks));
    Tasks tasks;
    std::size_t listed = 0;
    std::size_t failed = 0;
    Result<mcp::Answer> failure = fail(Errc::unknown_method, "Method not found: tasks/list");
    for (const auto& peer : peers) {
        auto outcome = co_await add_tasks(call, *peer, 0, tasks);
        for (const auto session : call.session.upstreams->sessions_with_tasks(*peer))
            std::ignore = co_await add_tasks(call, *peer, session, tasks);
        if (!outcome && outcome.error().kind == Errc::cancelled) co_return outcome;
        const bool is_listed = outcome && std::holds_alternative<mcp::Completed>(*outcome);
        if (is_listed) ++listed;
        if (!is_listed && failed++ == 0) failure = std::move(outcome);
    }
    if (listed == 0) co_return failure;
    co_return mcp::Completed{Slice(R"({"tasks":[)" + tasks.text + "]}")};
}

}  // namespace gw::gateway
