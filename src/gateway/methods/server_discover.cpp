#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <algorithm>
#include <chrono>

namespace gw::gateway {

namespace {

// How long a client may keep it at most.
constexpr std::chrono::milliseconds keep_max = std::chrono::minutes(1);

// What the servers of the view can do together, as far as the gateway relays it.
std::string capabilities(const catalog::ServerProfile& profile) {
    std::string text = "{";
    const auto add = [&text](bool has, std::string_view member) {
        if (!has) return;
        if (text.size() > 1) text += ',';
        text += member;
    };
    const auto has = [&profile](catalog::Kind kind) {
        return profile.has[static_cast<std::size_t>(kind)];
    };
    add(profile.has_logging, R"("logging":{})");
    add(profile.has_completions, R"("completions":{})");
    add(has(catalog::Kind::prompts), R"("prompts":{"listChanged":true})");
    add(has(catalog::Kind::resources),
        profile.has_subscribe ? R"("resources":{"subscribe":true,"listChanged":true})"
                              : R"("resources":{"listChanged":true})");
    add(has(catalog::Kind::tools), R"("tools":{"listChanged":true})");
    add(profile.has_tasks, R"("extensions":{")" + std::string(mcp::tasks_extension) + R"(":{}})");
    return text + "}";
}

}  // namespace

// server/discover: what initialize says in the revisions before.
Task<Result<mcp::Answer>> server_discover(Call& call) {
    GW_CO_TRY(const auto view, co_await session_view(call));
    const auto& profile = view->profile();
    call.cache.ttl_ms = profile.hint.ttl.value_or(keep_max).count();
    call.cache.ttl_ms = std::min<std::int64_t>(call.cache.ttl_ms, keep_max.count());
    call.cache.is_public = !profile.hint.is_private;
    std::string text = R"({"supportedVersions":[")" + std::string(to_string(mcp::newest)) +
                       R"("],"capabilities":)" + capabilities(profile);
    if (!profile.instructions.empty()) {
        text += ",\"instructions\":" + json::quoted(profile.instructions);
    }
    co_return mcp::Completed{.result = Slice(text + "}")};
}

}  // namespace gw::gateway
