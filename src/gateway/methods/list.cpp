#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <algorithm>
#include <chrono>

namespace gw::gateway {

namespace {

// How long a client may keep a list at most. Changes are told to who listens.
constexpr std::chrono::minutes keep_max{1};

catalog::Kind kind_of(std::string_view method) {
    return *std::ranges::find(catalog::kinds, method, [](catalog::Kind kind) {
        return catalog::names_of(kind).list_method;
    });
}

Result<mcp::Answer> page(Call& call, const catalog::VisibleView& view) {
    std::string cursor;
    if (call.scan.has(mcp::Part::cursor)) {
        GW_TRY(cursor, call.string(mcp::Part::cursor, "cursor"));
        if (cursor.empty()) return fail(Errc::invalid_params, "\"cursor\" is not one of ours");
    }
    const auto form = catalog::form_of(call.session.terms().revision);
    const auto kind = kind_of(call.request.method);
    if (call.stateless != nullptr) {
        call.cache = view.cache_of(kind, call.session.around().wheel.now(), keep_max);
    }
    if (call.session.upstreams->has_own_listings()) {  // Nobody else asks for this view again.
        GW_TRY(const auto begin, view.begin_of(kind, cursor));
        return mcp::Answer(mcp::Completed{Slice(view.page(kind, form, begin)), {}});
    }
    GW_TRY(auto text, call.views.pages().get(view, kind, form, cursor));
    return mcp::Answer(mcp::Completed{Slice(std::move(text)), {}});
}

}  // namespace

// tools/list, prompts/list, resources/list, resources/templates/list: answered from the catalogue,
// with bytes that are made once for all who ask.
Task<Result<mcp::Answer>> list(Call& call) {
    const auto shared = quick_view(call);
    if (shared && shared->is_settled()) co_return page(call, *shared);
    GW_CO_TRY(const auto view, co_await settled_view(call));
    co_return page(call, *view);
}

}  // namespace gw::gateway
