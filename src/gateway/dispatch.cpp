#include "gateway/dispatch.hpp"

#include "gateway/downgrade.hpp"
#include "gateway/methods.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gw::gateway {

namespace {

struct Method {
    std::string_view name;
    Task<Result<mcp::Answer>> (*answer)(Call&);
};

// One line for each MCP method the gateway answers; the one that is called most stands first, the
// others in alphabetical order.
constexpr std::array methods{
    Method{"tools/call", &tools_call},
    Method{"completion/complete", &completion_complete},
    Method{"logging/setLevel", &logging_set_level},
    Method{"ping", &ping},
    Method{"prompts/get", &prompts_get},
    Method{"prompts/list", &list},
    Method{"resources/list", &list},
    Method{"resources/read", &resources_read},
    Method{"resources/subscribe", &resources_subscribe},
    Method{"resources/templates/list", &list},
    Method{"resources/unsubscribe", &resources_subscribe},
    Method{"tools/list", &list},
};

Task<Result<mcp::Answer>> unknown_method(Call& call) {
    co_return fail(Errc::unknown_method, "Method not found: " + std::string(call.request.method));
}

Task<Result<mcp::Answer>> downgraded(Call& call, Task<Result<mcp::Answer>> work) {
    auto answer = co_await work;
    if (answer) downgrade(*answer, call.request.method, call.session.terms().revision);
    co_return answer;
}

}  // namespace

// No coroutine: it adds no frame between the caller and the method.
Task<Result<mcp::Answer>> dispatch(Call& call) {
    const auto* found = std::ranges::find(methods, call.request.method, &Method::name);
    if (found == methods.end()) return unknown_method(call);
    auto work = found->answer(call);
    if (!needs_downgrade(call.session.terms().revision)) return work;
    return downgraded(call, std::move(work));
}

}  // namespace gw::gateway
