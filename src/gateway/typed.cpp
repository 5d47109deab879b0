#include "gateway/typed.hpp"

#include "mcp/results.hpp"

#include <algorithm>
#include <array>

namespace gw::gateway {

namespace {

// How long a client may keep what the gateway answers itself. Changes are told to who listens.
constexpr std::int64_t list_ttl_ms = 60'000;

constexpr std::array<std::string_view, 5> from_catalogue{
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "server/discover",
};

std::optional<mcp::Cache> cache_of(const Call& call) {
    const bool is_public = call.stateless->is_public;
    if (std::ranges::find(from_catalogue, call.request.method) != from_catalogue.end()) {
        return mcp::Cache{.ttl_ms = list_ttl_ms, .is_public = is_public};
    }
    // Servers of the session era do not say how long.
    if (call.request.method == "resources/read") return mcp::Cache{.ttl_ms = 0, .is_public = false};
    return {};
}

}  // namespace

void put_type(mcp::Answer& answer, const Call& call) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr || completed->has_type) return;
    completed->result = Slice(mcp::typed_result(completed->result.view(), cache_of(call)));
    completed->has_type = true;
}

}  // namespace gw::gateway
