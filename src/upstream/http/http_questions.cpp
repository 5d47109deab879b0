#include "async/deadline.hpp"
#include "base/json.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/http/http_running.hpp"

#include <algorithm>
#include <memory>
#include <utility>

// What the server of an HttpLink asks, on the stream of a call or outside of calls.
namespace gw::upstream {

using mcp::Part;

// A message that names no call may belong to any that runs, so each of them counts as begun; but
// not those that may run twice without harm.
void HttpLink::count_as_heard() {
    for (auto& run : running_) {
        if (!static_cast<Running&>(run).is_repeatable) run.was_heard = true;
    }
}

// Stops the clock of `run` while a user is asked; those of all calls when it is null, since it is
// not known then for which one the server asks. Returns the ids of the calls, and not the calls,
// because these may end before the question.
std::vector<NumberText> HttpLink::stop_clocks(Running* run) {
    std::vector<NumberText> stopped;
    const auto stop = [this, &stopped](Running& each) {
        if (each.deadline == nullptr) return;
        each.clock.stop(around_.shard.now());
        stopped.push_back(each.id);
    };
    if (run != nullptr) {
        stop(*run);
    } else {
        for (auto& each : running_)
            stop(static_cast<Running&>(each));
    }
    return stopped;
}

void HttpLink::start_clocks(const std::vector<NumberText>& stopped) {
    for (const auto& id : stopped) {
        auto* const run = find(id.view());
        if (run != nullptr) run->clock.start(around_.shard.now());
    }
}

// Says what takes no thought. A server that asks faster than it takes that gets no more of it.
void HttpLink::reply(std::string message) {
    if (!replies_.is_full()) replies_.push(std::move(message));
}

void HttpLink::begin_question(
    std::string_view request, const mcp::Scan& scan, const Hold& hold, Running* run
) {
    const auto id = scan[Part::id].of(request);
    const auto method = json::unquoted(scan[Part::method].of(request));
    if (method == "ping")
        return reply(to_response(id, method, mcp::Completed{Slice(std::string("{}"))}));
    if (questions_.size() >= questions_max) {
        return reply(to_response(id, method, fail(Errc::too_many, "too many requests at a time")));
    }
    auto question = std::make_unique<HttpQuestion>();
    question->hold = hold;
    question->id = id;
    questions_.push_back(*question);
    auto& gate = run != nullptr ? run->questions : gate_;
    gate.spawn(answer_question(
        std::move(question), method, std::string(scan[Part::params].of(request)), run
    ));
}

Task<> HttpLink::answer_question(
    std::unique_ptr<HttpQuestion> question, std::string method, std::string params, Running* run
) {
    question->fiber = &co_await this_fiber();
    Result<mcp::Answer> answer = fail(Errc::cancelled, "the call has ended");
    if (question->state == Question::State::open) {
        // A user may take longer than a server: the question has a bound of its own.
        const auto stopped = stop_clocks(run);
        auto& asked = run != nullptr ? run->caller : outside_;
        answer =
            co_await asked.ask({.method = method, .params = params, .taken_back = &question->reason}
            );
        start_clocks(stopped);
    }
    // MCP, basic/utilities/cancellation: receivers SHOULD not send a response for the cancelled
    // request.
    if (question->state == Question::State::withdrawn) co_return;
    // In a fiber of its own: the call may have ended meanwhile, and this fiber with it, but the
    // server still waits for an answer.
    question->fiber = nullptr;
    auto message = to_response(question->id, method, answer);
    gate_.spawn(send_answer(std::move(question), std::move(message)));
}

// It counts as open until the server has taken the answer.
Task<> HttpLink::send_answer(std::unique_ptr<HttpQuestion> question, std::string message) {
    co_await send_and_forget(std::move(message));
    question.reset();
}

}  // namespace gw::upstream
