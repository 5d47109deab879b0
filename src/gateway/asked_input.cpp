#include "gateway/asked_input.hpp"

#include "mcp/name_asker.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace gw::gateway {

Result<void> check_declared(const Call& call, const mcp::InputRequests& asked) {
    for (const auto& each : asked.requests) {
        if (mcp::allows(call.session.terms().capabilities, each.method, each.params)) continue;
        return fail(
            Errc::upstream_failed, "upstream asked for what the client did not declare", each.method
        );
    }
    return {};
}

std::string presented(
    const Call& call,
    std::string_view result,
    const mcp::InputRequests& asked,
    const std::string& state
) {
    std::vector<std::pair<std::string_view, std::string>> changes;
    if (!asked.state.empty()) changes.emplace_back(asked.state, state);
    for (const auto& each : asked.requests) {
        if (call.asker.empty() || each.params.empty()) continue;
        changes.emplace_back(each.params, mcp::name_asker(each.method, each.params, call.asker));
    }
    std::ranges::sort(changes, std::less(), [](const auto& change) { return change.first.data(); });
    std::string text;
    for (const auto& [old, with] : changes) {
        const auto at = static_cast<std::size_t>(old.data() - result.data());
        text.append(result.substr(0, at)).append(with);
        result.remove_prefix(at + old.size());
    }
    return text.append(result);
}

}  // namespace gw::gateway
