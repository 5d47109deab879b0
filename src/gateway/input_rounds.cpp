#include "gateway/input_rounds.hpp"

#include "gateway/questions.hpp"
#include "gateway/task_rounds.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace gw::gateway {

namespace {

using std::chrono::milliseconds;

constexpr unsigned rounds_max = 10;  // A server that goes on asking would keep a user for ever.

// For all the questions of a call together: a user may take a while, but who went home does not
// come back to it.
constexpr std::chrono::minutes asking_max{30};

constexpr milliseconds pause_min{100};
constexpr milliseconds pause_max{5000};

// Puts the answers of the last round and the server's state at the end of the params, which are
// sent again byte for byte. There is a member before them: the name, or the URI.
void add_answers(mcp::Request& request, std::string_view responses, std::string_view state) {
    std::string members;
    if (!responses.empty()) members.append(R"(,"inputResponses":)").append(responses);
    if (!state.empty()) members.append(R"(,"requestState":)").append(state);
    const auto params = request.params.original();
    request.params.replace(params.substr(params.size() - 1, 0), std::move(members));
}

Task<Result<mcp::Answer>> call_in_rounds(Call& call, mcp::Peer& peer) {
    SteadyProgress caller(call.caller);
    const auto until = call.session.around().wheel.now() + asking_max;
    auto answer = co_await peer.call(mcp::Request(call.request), caller);
    if (needs_tasks(answer)) {
        call.request.accepts_task = call.request.is_repetition = true;
        answer = co_await peer.call(mcp::Request(call.request), caller);
        call.request.is_repetition = false;  // What is made again with answers is another request.
    }
    auto pause = pause_min;
    for (unsigned round = 1; answer; ++round) {
        const auto* required = std::get_if<mcp::InputRequired>(&*answer);
        if (required == nullptr) break;
        if (round > rounds_max) {
            co_return fail(Errc::upstream_failed, "upstream asked for input again and again");
        }
        GW_CO_TRY(auto input, mcp::parse_input_required(required->result.view()));
        const std::string state(input.state);
        const bool is_polling = input.requests.empty();
        Questions questions(call, caller, std::move(input));
        GW_CO_TRY(const auto responses, co_await questions.ask(pause, until));
        if (is_polling) pause = std::min(2 * pause, pause_max);
        auto again = call.request;
        add_answers(again, responses, state);
        answer = co_await peer.call(std::move(again), caller);
    }
    auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed == nullptr || !completed->is_task) co_return answer;
    co_return co_await follow_task(call, peer, caller, std::move(*completed));
}

// These two are ours to add. From a client of a revision that has none of it they could only be
// a forged state, and they must not stand there twice.
bool has_input_members(const Call& call) {
    return call.scan.has(mcp::Part::input_responses) || call.scan.has(mcp::Part::request_state);
}

Task<Result<mcp::Answer>> refuse_input_members() {
    co_return fail(
        Errc::invalid_params, "inputResponses and requestState are not part of this revision"
    );
}

}  // namespace

void name_asker(Call& call, const catalog::VisibleView& view) {
    call.request.names_asker = view.server_count() > 1;
    if (!call.request.names_asker || !call.server->may_require_input()) return;
    call.asker = call.server->name();
}

Task<Result<mcp::Answer>> pass_on(Call& call) {
    auto& peer = *call.server;
    const bool has_sessions = features(call.session.terms().revision).sessions;
    if (!has_sessions || !peer.may_require_input()) {
        return peer.call(std::move(call.request), call.caller);
    }
    if (has_input_members(call)) return refuse_input_members();
    return call_in_rounds(call, peer);
}

}  // namespace gw::gateway
