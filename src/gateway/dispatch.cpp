#include "gateway/dispatch.hpp"

#include "gateway/methods.hpp"
#include "gateway/typed.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gw::gateway {

namespace {

// Who may call a method: clients of which revisions, and for the tasks of the core those that have
// a session.
enum class Era : std::uint8_t { both, sessions, stateless, core_tasks };

struct Method {
    // A method that has no label of its own does not compile.
    consteval Method(
        std::string_view its_name,
        Task<Result<mcp::Answer>> (*its_answer)(Call&),
        Era its_era = Era::both
    )
        : name(its_name),
          answer(its_answer),
          era(its_era),
          counted_as(telemetry::McpMethod::named(its_name)) {}

    std::string_view name;
    Task<Result<mcp::Answer>> (*answer)(Call&);
    Era era;
    telemetry::McpMethod counted_as;

    bool is_for(const session::Terms& terms) const {
        if (era == Era::both) return true;
        const auto& has = features(terms.revision);
        if (era == Era::core_tasks) return has.execution && !terms.id.empty();
        return (era == Era::sessions) == has.sessions;
    }
};

// One line for each MCP method the gateway answers; the one that is called most stands first, the
// others in alphabetical order.
constexpr std::array methods{
    Method{"tools/call", &tools_call},
    Method{"completion/complete", &completion_complete},
    Method{"logging/setLevel", &logging_set_level, Era::sessions},
    Method{"ping", &ping, Era::sessions},
    Method{"prompts/get", &prompts_get},
    Method{"prompts/list", &list},
    Method{"resources/list", &list},
    Method{"resources/read", &resources_read},
    Method{"resources/subscribe", &resources_subscribe, Era::sessions},
    Method{"resources/templates/list", &list},
    Method{"resources/unsubscribe", &resources_subscribe, Era::sessions},
    Method{"server/discover", &server_discover, Era::stateless},
    Method{"subscriptions/listen", &subscriptions_listen, Era::stateless},
    Method{"tasks/cancel", &about_core_task, Era::core_tasks},
    Method{"tasks/cancel", &about_task, Era::stateless},
    Method{"tasks/get", &about_core_task, Era::core_tasks},
    Method{"tasks/get", &about_task, Era::stateless},
    Method{"tasks/list", &tasks_list, Era::core_tasks},
    Method{"tasks/result", &about_core_task, Era::core_tasks},
    Method{"tasks/update", &about_task, Era::stateless},
    Method{"tools/list", &list},
};

Task<Result<mcp::Answer>> unknown_method(Call& call) {
    co_return fail(Errc::unknown_method, "Method not found: " + std::string(call.request.method));
}

Task<Result<mcp::Answer>> typed(Call& call, Task<Result<mcp::Answer>> work) {
    auto answer = co_await work;
    if (answer) put_type(*answer, call);
    co_return answer;
}

}  // namespace

// No coroutine: it adds no frame between the caller and the method.
Task<Result<mcp::Answer>> dispatch(Call& call) {
    const auto& terms = call.session.terms();
    const auto* found = std::ranges::find_if(methods, [&](const Method& method) {
        return method.name == call.request.method && method.is_for(terms);
    });
    if (found == methods.end()) return unknown_method(call);
    call.counted_as = found->counted_as;
    auto work = found->answer(call);
    if (features(terms.revision).result_type) return typed(call, std::move(work));
    return work;
}

}  // namespace gw::gateway
