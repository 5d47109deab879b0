#include "gateway/questions.hpp"

#include "async/sleep.hpp"
#include "base/json.hpp"
#include "mcp/name_asker.hpp"

#include <algorithm>
#include <utility>

namespace gw::gateway {

namespace {

// Clients give up on a call that is silent for a minute, often, and a user may take longer.
constexpr std::chrono::seconds keep_alive_interval{15};

std::string message_of(const mcp::Refused& refused) {
    const auto error = json::Object::parse(refused.error.view());
    return error ? error->string("message").value_or("") : std::string();
}

}  // namespace

Questions::Questions(Call& call, SteadyProgress& caller, mcp::InputRequests input)
    : call_(call), caller_(caller), gate_(call.session.around().loop) {
    for (auto& request : input.requests)
        questions_.push_back({std::move(request), {}});
}

// A server may only ask for what it was told that the client can do.
Result<void> Questions::check() const {
    for (const auto& [request, response] : questions_) {
        if (mcp::allows(call_.session.terms().capabilities, request.method, request.params)) {
            continue;
        }
        return fail(
            Errc::upstream_failed,
            "upstream asked for " + request.method + " in a way that this client cannot answer"
        );
    }
    return {};
}

Task<Result<std::string>> Questions::ask(std::chrono::milliseconds pause, TimePoint until) {
    GW_CO_DO(check());
    call_.caller.set_withdrawable(this);
    if (!is_withdrawn_) {
        open_ = std::max<std::size_t>(questions_.size(), 1);
        for (auto& question : questions_)
            gate_.spawn(ask_one(question));
        if (questions_.empty()) gate_.spawn(wait(pause));
        if (!call_.request.progress_token.empty()) gate_.spawn(keep_alive());
    }
    const async::Deadline deadline(call_.session.around().wheel, until, co_await this_fiber());
    co_await gate_.join();
    call_.caller.set_withdrawable(nullptr);
    if (deadline.has_expired()) co_return deadline.stopped("The client");
    if (is_withdrawn_) co_return fail(Errc::cancelled, "the request was withdrawn");
    if (failure_) co_return std::unexpected(*std::move(failure_));
    co_return responses();
}

Task<> Questions::ask_one(Question& question) {
    const auto& [key, method, params] = question.request;
    const auto named =
        call_.asker.empty() ? std::string(params) : mcp::name_asker(method, params, call_.asker);
    const auto answer = co_await call_.caller.ask({.method = method, .params = named});
    if (!answer) {
        fail_with(answer.error());
    } else if (const auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        question.response = json::without_line_breaks(completed->result.view());
    } else if (method == "elicitation/create") {
        question.response = R"({"action":"cancel"})";
    } else {
        const auto text = message_of(std::get<mcp::Refused>(*answer));
        fail_with({Errc::upstream_failed, "the client refused " + method + ": " + text, {}, {}});
    }
    end_one();
}

Task<> Questions::wait(std::chrono::milliseconds pause) {
    const auto& around = call_.session.around();
    if (!co_await async::sleep_until(around.loop, around.wheel, around.wheel.now() + pause)) {
        fail_with({Errc::cancelled, "the request was withdrawn", {}, {}});
    }
    end_one();
}

Task<> Questions::keep_alive() {
    const auto& around = call_.session.around();
    const auto* const text =
        questions_.empty() ? "waiting for the server" : "waiting for your answer";
    do {
        std::ignore = co_await caller_.tell(text);
    } while (co_await async::sleep_until(
        around.loop, around.wheel, around.wheel.now() + keep_alive_interval
    ));
}

void Questions::fail_with(Error error) {
    if (!failure_) failure_ = std::move(error);
    gate_.cancel();
}

// With the last one, nothing needs to be kept alive any more.
void Questions::end_one() {
    if (--open_ == 0) gate_.cancel();
}

void Questions::withdraw() {
    is_withdrawn_ = true;
    gate_.cancel();
}

std::string Questions::responses() const {
    if (questions_.empty()) return {};
    std::string text;
    for (const auto& [request, response] : questions_) {
        text.append(text.empty() ? "{" : ",").append(json::quoted(request.key));
        text.append(":").append(response);
    }
    return text + "}";
}

}  // namespace gw::gateway
