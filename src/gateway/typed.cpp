#include "gateway/typed.hpp"

#include "catalog/form.hpp"
#include "catalog/listing.hpp"
#include "mcp/results.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace gw::gateway {

namespace {

// Pages of lists were rendered in the form of the revision; only this is left to say.
bool is_page(std::string_view method) {
    return std::ranges::any_of(catalog::kinds, [&](catalog::Kind kind) {
        return catalog::names_of(kind).list_method == method;
    });
}

// An answer may be kept for everybody only where no client needs a token.
mcp::Cache for_caller(const Call& call, mcp::Cache cache) {
    cache.is_public = cache.is_public && call.stateless->is_public;
    return cache;
}

}  // namespace

void put_type(mcp::Answer& answer, const Call& call) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr) return;
    const auto method = call.request.method;
    const bool is_read = method == "resources/read";
    // What a stateless server sent passes as it is, but for how long it may be kept.
    if (completed->has_type && !is_read) return;
    const auto result = completed->result.view();
    if (is_page(method)) {
        completed->result = Slice(catalog::with_cache(result, for_caller(call, call.cache)));
        return;
    }
    std::optional<mcp::Cache> cache;
    if (method == "server/discover") cache = for_caller(call, call.cache);
    // Servers of the session era do not say how long.
    const auto stated = completed->has_type ? mcp::stated_cache(result) : mcp::Cache();
    if (is_read) cache = for_caller(call, stated);
    completed->result = Slice(mcp::typed_result(result, cache));
    completed->has_type = true;
}

}  // namespace gw::gateway
