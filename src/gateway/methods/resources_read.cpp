#include "gateway/input_rounds.hpp"
#include "gateway/methods.hpp"
#include "gateway/perform.hpp"
#include "gateway/resource_uri.hpp"
#include "gateway/session_view.hpp"

#include <string>
#include <utility>
#include <variant>

namespace gw::gateway {

namespace {

// Passes a request about a resource to the server that has it.
Task<Result<mcp::Answer>> call_resource(Call& call) {
    GW_CO_TRY(auto uri, parse_uri(call, mcp::Part::uri, "uri"));
    GW_CO_TRY(auto view, co_await session_view(call));
    auto found = view->find_resource(uri);
    if (!found && !view->is_settled()) {
        GW_CO_TRY(view, co_await settled_view(call));
        found = view->find_resource(uri);
    }
    if (!found || !may_have_more(call, *view, catalog::Kind::resources)) {
        GW_CO_DO(check_server_of_state(call, *view));
        co_return fail(
            Errc::resource_not_found,
            "Resource not found" + missing_servers(*view),
            {},
            R"({"uri":)" + std::string(call.part(mcp::Part::uri)) + "}"
        );
    }
    GW_CO_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, *found));
    GW_CO_DO(call.connect(permit));
    name_asker(call, *view);
    call.request.is_repeatable = true;
    if (call.server->may_require_input()) call.request.name = std::move(uri);
    co_return co_await perform(call);
}

}  // namespace

// resources/read: URIs are those of the upstream servers, unchanged.
Task<Result<mcp::Answer>> resources_read(Call& call) {
    return call_resource(call);
}

// resources/subscribe and resources/unsubscribe: the upstream session is private to the client's,
// so what it then says of the resource is for that client alone.
Task<Result<mcp::Answer>> resources_subscribe(Call& call) {
    GW_CO_TRY(const auto uri, parse_uri(call, mcp::Part::uri, "uri"));
    const bool begins = call.request.method == "resources/subscribe";
    bool is_new = false;
    if (begins) {
        GW_CO_TRY(is_new, call.session.subscribe(uri));
    }
    auto answer = co_await call_resource(call);
    const bool is_done = answer && std::holds_alternative<mcp::Completed>(*answer);
    const bool has_no_server = !answer && answer.error().kind == Errc::resource_not_found;
    if (begins ? is_new && !is_done : is_done || has_no_server) call.session.unsubscribe(uri);
    co_return answer;
}

}  // namespace gw::gateway
