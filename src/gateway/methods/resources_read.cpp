#include "gateway/input_rounds.hpp"
#include "gateway/methods.hpp"
#include "gateway/perform.hpp"
#include "gateway/session_view.hpp"

#include <utility>

namespace gw::gateway {

namespace {

// Passes a request about a resource to the server that has it.
Task<Result<mcp::Answer>> call_resource(Call& call) {
    GW_CO_TRY(auto uri, call.string(mcp::Part::uri, "uri"));
    GW_CO_TRY(const auto view, co_await session_view(call));
    constexpr auto kind = static_cast<std::size_t>(catalog::Kind::resources);
    GW_CO_DO(check_offered(call, view->profile().has[kind]));
    auto found = view->find_resource(uri);
    if (!found) {
        co_return fail(
            Errc::resource_not_found,
            "Resource not found",
            {},
            R"({"uri":)" + std::string(call.part(mcp::Part::uri)) + "}"
        );
    }
    GW_CO_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, *found));
    GW_CO_TRY(auto* peer, call.session.upstreams->connect(permit));
    name_asker(call, *view, found->upstream, *peer);
    call.request.is_repeatable = true;
    if (peer->may_require_input()) call.request.name = std::move(uri);
    co_return co_await perform(call, *peer, permit.upstream());
}

}  // namespace

// resources/read: URIs are those of the upstream servers, unchanged.
Task<Result<mcp::Answer>> resources_read(Call& call) {
    return call_resource(call);
}

// resources/subscribe and resources/unsubscribe: the upstream session is private to the client's,
// so what it then says of the resource is for that client alone.
Task<Result<mcp::Answer>> resources_subscribe(Call& call) {
    return call_resource(call);
}

}  // namespace gw::gateway
