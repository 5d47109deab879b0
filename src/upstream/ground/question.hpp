#pragma once

#include "base/task.hpp"
#include "mcp/cancellation.hpp"

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>

namespace gw::upstream {

// A request of the server that has not been answered.
struct Question {
    enum class State : std::uint8_t {
        open,
        call_ended,  // Nobody is there to answer; the server is told so.
        withdrawn    // The server does not want an answer.
    };

    std::string id;          // JSON, as the server wrote it.
    Fiber* fiber = nullptr;  // Of the task that asks somebody, once it runs.
    State state = State::open;
    std::string reason{};  // Why the server does not want it, if it said so.
};

// The server takes back its request with `id` among `questions`: the fiber that asks is cancelled,
// and the reason is noted. `id` and `reason` are JSON; an empty `reason` is none. An id that is not
// there is passed over: it has just been answered.
void withdraw_question(
    std::ranges::range auto& questions, std::string_view id, std::string_view reason
) {
    const auto found = std::ranges::find(questions, id, &Question::id);
    if (found == questions.end()) return;
    found->state = Question::State::withdrawn;
    found->reason = mcp::cancelled_reason(reason);
    if (found->fiber != nullptr) found->fiber->cancel();
}

}  // namespace gw::upstream
