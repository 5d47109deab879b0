#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <utility>
#include <vector>

namespace gw::gateway {

// logging/setLevel: the session's level. Every server that logs and is connected is told now, the
// others when they are connected. One that fails to take it does not fail the request: what it
// sends is filtered here anyway.
Task<Result<mcp::Answer>> logging_set_level(Call& call) {
    GW_CO_TRY(const auto text, call.string(mcp::Part::level, "level"));
    const auto level = mcp::parse_log_level(text);
    if (!level) co_return fail(Errc::invalid_params, "\"level\" is none of the eight log levels");
    // Requests without a session share one: none of them may decide for the others.
    if (!call.session.has_id()) co_return mcp::Completed{Slice(std::string("{}")), {}};
    GW_CO_TRY(const auto view, co_await session_view(call));
    call.session.log_level = level;
    for (const auto& source : view->sources()) {
        if (!source.listing->profile.has_logging) continue;
        const auth::Object server{.name = source.name, .upstream = source.upstream};
        GW_CO_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, server));
        GW_CO_TRY(auto* peer, call.session.upstreams->connect(permit));
        auto request = call.request;
        request.is_repeatable = true;
        const auto told = co_await peer->call(std::move(request), call.caller);
        if (!told && told.error().kind == Errc::cancelled) co_return std::unexpected(told.error());
    }
    co_return mcp::Completed{Slice(std::string("{}")), {}};
}

}  // namespace gw::gateway
