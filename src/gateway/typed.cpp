#include "gateway/typed.hpp"

#include "catalog/form.hpp"
#include "catalog/listing.hpp"
#include "mcp/results.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace gw::gateway {

namespace {

// How long a client may keep what the gateway says of itself.
constexpr std::int64_t discovered_ttl_ms = 60'000;

// Pages of lists were rendered in the form of the revision; only this is left to say.
bool is_page(std::string_view method) {
    return std::ranges::any_of(catalog::kinds, [&](catalog::Kind kind) {
        return catalog::names_of(kind).list_method == method;
    });
}

// What everybody may keep where nobody has to say who he is.
mcp::Cache for_caller(const Call& call, mcp::Cache cache) {
    cache.is_public = cache.is_public && call.stateless->is_public;
    return cache;
}

}  // namespace

void put_type(mcp::Answer& answer, const Call& call) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr || completed->has_type) return;
    const auto result = completed->result.view();
    const auto method = call.request.method;
    if (is_page(method)) {
        completed->result = Slice(catalog::with_cache(result, for_caller(call, call.cache)));
    } else if (method == "server/discover") {
        const mcp::Cache cache{.ttl_ms = discovered_ttl_ms, .is_public = true};
        completed->result = Slice(mcp::typed_result(result, for_caller(call, cache)));
    } else if (method == "resources/read") {
        // Servers of the session era do not say how long.
        completed->result = Slice(mcp::typed_result(result, mcp::Cache()));
    } else {
        completed->result = Slice(mcp::typed_result(result, {}));
    }
    completed->has_type = true;
}

}  // namespace gw::gateway
