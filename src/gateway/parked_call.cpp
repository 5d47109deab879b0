#include "gateway/parked_call.hpp"

#include "base/json.hpp"
#include "mcp/input_required.hpp"
#include "mcp/outgoing.hpp"
#include "mcp/server_request.hpp"

#include <utility>
#include <vector>

namespace gw::gateway {

namespace {

constexpr std::size_t questions_max = 32;  // Of one call at a time.

}  // namespace

ParkedCall::ParkedCall(
    Keeper& keeper,
    Identity identity,
    session::Session& session,
    const mcp::Request& request,
    async::Loop& loop
)
    : changed(loop),
      keeper_(keeper),
      loop_(loop),
      identity_(std::move(identity)),
      session_(session),
      method_(request.method),
      params_(request.params.str()),
      hold_(session.around().budget.take_now(params_.size())),
      request_(request) {
    if (request.envelope != nullptr) envelope_ = *request.envelope;
    request_.method = method_;
    mcp::move_params(request_, params_);
    request_.envelope = &envelope_;
    request_.owner = identity_.owner;
}

Task<> ParkedCall::run() {
    outcome = co_await identity_.server->call(std::move(request_), *this);
    changed.set();
}

Task<Result<void>> ParkedCall::notify(mcp::Notification notification) {
    if (caller == nullptr) co_return Result<void>();
    co_return co_await caller->notify(notification);
}

Task<Result<mcp::Answer>> ParkedCall::ask(mcp::ServerRequest request) {
    if (questions_.size() >= questions_max) {
        co_return fail(Errc::too_many, "too many questions at the same time");
    }
    Question question(loop_);
    question.method = request.method;
    GW_CO_TRY(
        question.params,
        mcp::adapt_request(request.method, request.params, features(mcp::newest), {})
    );
    question.hold = session_->around().budget.take_now(question.params.size());
    const auto key = "q" + std::to_string(next_key_++);
    questions_.emplace(key, &question);
    changed.set();
    const bool is_answered = co_await question.answered.wait() && question.answer;
    questions_.erase(key);
    if (is_answered) co_return std::move(*question.answer);
    co_return fail(Errc::cancelled, "the question was withdrawn");
}

bool ParkedCall::give_way() {
    if (turn == 0) return false;
    keeper_.expired(*this, "it gave way to newer calls");
    return true;
}

void ParkedCall::set_withdrawable(mcp::Withdrawable* call) {
    running_ = call;
    if (call != nullptr && is_withdrawn_) call->withdraw_because(reason());
}

void ParkedCall::withdraw() {
    is_withdrawn_ = true;
    if (running_ != nullptr) running_->withdraw_because(reason());
}

bool ParkedCall::is_shown_in(const catalog::VisibleView& view) const {
    const bool is_tool = method_ == "tools/call";
    if (!is_tool && method_ != "prompts/get") return true;
    const auto kind = is_tool ? catalog::Kind::tools : catalog::Kind::prompts;
    return view.find(kind, identity_.named) || view.transparent_for(kind);
}

Result<void> ParkedCall::answer(std::string_view responses) {
    GW_TRY(const auto object, json::Object::parse(responses.empty() ? "{}" : responses));
    for (const auto& [key, value] : object.members()) {
        if (!questions_.contains(key) || value.starts_with('{')) continue;
        return fail(Errc::invalid_params, "\"inputResponses\": each answer must be an object");
    }
    for (const auto& [key, value] : object.members()) {
        const auto found = questions_.find(key);
        if (found == questions_.end() || found->second->answer) continue;
        found->second->answer = mcp::Completed{.result = Slice(std::string(value))};
        found->second->answered.set();
        questions_.erase(found);  // It is no longer asked, also if another retry comes at once.
    }
    return {};
}

Result<void> ParkedCall::check_questions(const mcp::ClientCapabilities& client) const {
    for (const auto& [key, question] : questions_) {
        if (mcp::allows(client, question->method, question->params)) continue;
        return fail(
            Errc::capability_missing,
            "this needs a capability that the client did not declare: " + question->method,
            {},
            R"({"requiredCapabilities":)" + mcp::needed_for(question->method, question->params) +
                "}"
        );
    }
    return {};
}

mcp::InputRequired ParkedCall::input_required(const StateSeal& seal, TimePoint expires) {
    auto& state = identity_.state;
    ++state.round;
    state.expires = expires;
    std::vector<mcp::InputRequest> requests;
    requests.reserve(questions_.size());
    for (const auto& [key, question] : questions_)
        requests.push_back({key, question->method, question->params});
    const auto text = mcp::render_input_required(requests, json::quoted(seal.seal(state)));
    return {.result = Slice(text), .call = {identity_.id, turn}};
}

}  // namespace gw::gateway
