#include "gateway/dispatch.hpp"

#include "gateway/methods.hpp"
#include "gateway/typed.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gw::gateway {

namespace {

// The revisions that have a method.
enum class Era : std::uint8_t { both, sessions, stateless };

struct Method {
    std::string_view name;
    Task<Result<mcp::Answer>> (*answer)(Call&);
    Era era = Era::both;

    bool is_in(mcp::Revision revision) const {
        return era == Era::both || (era == Era::sessions) == features(revision).sessions;
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
    Method{"tasks/cancel", &about_task, Era::stateless},
    Method{"tasks/get", &about_task, Era::stateless},
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
    const auto* found = std::ranges::find(methods, call.request.method, &Method::name);
    const auto revision = call.session.terms().revision;
    if (found == methods.end() || !found->is_in(revision)) return unknown_method(call);
    auto work = found->answer(call);
    if (features(revision).result_type) return typed(call, std::move(work));
    return work;
}

}  // namespace gw::gateway
