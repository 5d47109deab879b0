#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/offer.hpp"
#include "gateway/resource_uri.hpp"
#include "gateway/session_view.hpp"

#include <utility>

namespace gw::gateway {

namespace {

// Which server the reference is to; puts the name that the server knows into the request.
Result<auth::Object> resolve(Call& call, const catalog::VisibleView& view) {
    GW_TRY(const auto type, call.string(mcp::Part::ref_type, "ref.type"));
    if (type == "ref/prompt") {
        GW_TRY(const auto name, call.string(mcp::Part::ref_name, "ref.name"));
        GW_TRY(const auto* prompt, view.find(catalog::Kind::prompts, name));
        call.request.params.replace(call.part(mcp::Part::ref_name), prompt->quoted_original);
        return prompt->as_object();
    }
    if (type == "ref/resource") {
        GW_TRY(const auto uri, parse_uri(call, mcp::Part::ref_uri, "ref.uri"));
        auto found = view.find_template(uri);
        if (!found) return fail(Errc::not_found, "unknown: " + uri);
        return found;
    }
    return fail(Errc::invalid_params, "\"ref.type\" must be ref/prompt or ref/resource");
}

}  // namespace

// completion/complete: from the server of the prompt or template.
Task<Result<mcp::Answer>> completion_complete(Call& call) {
    GW_CO_TRY(const auto view, co_await session_view(call));
    if (!offers_completions(*view)) {
        co_return fail(Errc::unknown_method, "Method not found: completion/complete");
    }
    GW_CO_TRY(const auto target, resolve(call, *view));
    GW_CO_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, target));
    GW_CO_DO(call.connect(permit));
    call.request.is_repeatable = true;
    co_return co_await call.server->call(std::move(call.request), call.caller);
}

}  // namespace gw::gateway
