#include "gateway/perform.hpp"

#include "base/json.hpp"
#include "gateway/asked_input.hpp"
#include "gateway/input_rounds.hpp"
#include "gateway/parks.hpp"
#include "gateway/request_state.hpp"
#include "gateway/tasks.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace gw::gateway {

namespace {

constexpr std::chrono::minutes state_time{30};  // For users, who answer when they can.

bool can_be_asked(const mcp::ClientCapabilities& client) {
    return client.roots || client.sampling || client.elicitation_form || client.elicitation_url;
}

// The state that the client brings back, if it does: of this call, by this owner.
Result<std::optional<RequestState>> returned_state(const Call& call) {
    if (!call.scan.has(mcp::Part::request_state)) return std::nullopt;
    GW_TRY(const auto text, call.string(mcp::Part::request_state, "requestState"));
    GW_TRY(auto state, call.stateless->seal.open(text));
    const bool is_same =
        state.owner == call.who().owner.digest() && state.server == call.session.terms().server &&
        state.call == digest_of_call(call.request.method, call.part(mcp::Part::params));
    if (!is_same || state.expires < call.stateless->parks.now()) {
        return fail(Errc::invalid_params, "\"requestState\" is not of this call, or has expired");
    }
    return state;
}

std::unexpected<Error> server_is_gone() {
    return fail(
        Errc::invalid_params,
        "\"requestState\" is of a server that was removed, or is not shown here any more"
    );
}

// With the requestState under our seal: it is good for this call, this owner and this server
// only, however carefully the server made it.
Result<mcp::Answer> sealed(const Call& call, mcp::InputRequired required) {
    const auto text = required.result.view();
    GW_TRY(const auto asked, mcp::parse_input_required(text));
    GW_DO(check_declared(call, asked));
    if (asked.state.empty()) {
        return mcp::InputRequired{.result = Slice(presented(call, text, asked, {}))};
    }
    if (asked.state.size() > RequestState::inner_max) {
        return fail(Errc::upstream_failed, "upstream sent a requestState that is too large");
    }
    const RequestState state{
        .server = call.session.terms().server,
        .upstream = digest_of(call.server->name()),
        .expires = call.stateless->parks.now() + state_time,
        .owner = call.who().owner.digest(),
        .call = digest_of_call(call.request.method, call.part(mcp::Part::params)),
        .inner = std::string(asked.state)
    };
    const auto sealed_state = json::quoted(call.stateless->seal.seal(state));
    return mcp::InputRequired{.result = Slice(presented(call, text, asked, sealed_state))};
}

// Our state gives way to the upstream's own.
void put_inner_state(Call& call, const RequestState& state) {
    call.request.params.replace(call.part(mcp::Part::request_state), state.inner);
}

Task<Result<mcp::Answer>> perform_stateless(Call& call) {
    GW_CO_TRY(const auto state, returned_state(call));
    if (state && state->upstream != digest_of(call.server->name())) co_return server_is_gone();
    auto& parks = call.stateless->parks;
    if (state && state->park != 0) co_return co_await parks.resume(call, *state);
    if (state) put_inner_state(call, *state);
    call.request.owner = call.stateless->owner;
    auto answer = can_be_asked(call.session.terms().capabilities)
                      ? co_await parks.begin(call)
                      : co_await call.server->call(std::move(call.request), call.caller);
    if (!answer) co_return answer;
    auto* completed = std::get_if<mcp::Completed>(&*answer);
    if (completed != nullptr && completed->is_task) {
        co_return with_our_task_id(call, std::move(*completed));
    }
    auto* required = std::get_if<mcp::InputRequired>(&*answer);
    if (required == nullptr || required->call.id != 0) co_return answer;
    co_return sealed(call, std::move(*required));
}

}  // namespace

Result<void> check_server_of_state(const Call& call, const catalog::VisibleView& view) {
    if (call.stateless == nullptr) return {};
    const auto state = returned_state(call);
    if (!state || !*state) return {};
    const auto is_it = [&](std::string_view name) { return digest_of(name) == (*state)->upstream; };
    if (std::ranges::any_of(view.sources(), is_it, &catalog::Source::name)) return {};
    // It may come yet.
    if (std::ranges::any_of(view.missing(), is_it, &catalog::Gaps::Missing::name)) return {};
    return server_is_gone();
}

Task<Result<mcp::Answer>> perform(Call& call) {
    if (call.stateless != nullptr) return perform_stateless(call);
    if (call.scan.has(mcp::Part::related_task)) put_related_task(call);
    return pass_on(call);
}

}  // namespace gw::gateway
