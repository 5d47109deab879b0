#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/clock.hpp"
#include "upstream/ground/call_clock.hpp"
#include "upstream/ground/sent_again.hpp"
#include "upstream/http/http_link.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw::upstream {

// One call, for as long as it runs, in the frame of the function that makes it.
struct HttpLink::Running final : HttpCall {
    Running(HttpLink& owner, mcp::Exchange& who, std::uint64_t number)
        : link(owner),
          caller(who),
          id(number),
          questions(owner.around_.shard),
          visit(owner.inside_) {}

    // Ends whatever the call waits for, not only its connection.
    void withdraw() override {
        HttpCall::withdraw();
        clock.end();
    }

    // Its answer has come elsewhere: ends the wait for it.
    void stop_waiting() const {
        if (stream != nullptr) return stream->cancel();
        if (is_between_streams && fiber->wait != nullptr) fiber->wait->cancel();
    }

    // The answer that was found, which is taken once.
    Result<mcp::Answer> take_answer() { return *std::exchange(answer, std::nullopt); }

    // True while the server's questions in this call are asked.
    bool has_questions() const { return questions.running() > 0; }

    HttpLink& link;
    mcp::Exchange& caller;
    NumberText id;
    async::Gate questions;  // What the server asks while it works.
    Fiber* fiber = nullptr;
    async::Deadline* deadline = nullptr;
    CallClock clock;
    std::optional<Result<mcp::Answer>> answer;  // Found on an event stream.
    bool is_between_streams = false;            // It waits for what may come on the GET stream.
    bool is_repeatable = false;                 // As in its request.
    bool is_repetition = false;                 // As in its request.

    // What came for it.
    int status = 0;            // Of HTTP.
    Then then = Then::passes;  // What is to be done about it.
    RefusalWords words;        // If it was refused.

    async::Visitors::Visit visit;
};

// An event stream that the server may break off and continue later.
struct HttpLink::Resumable {
    std::string last_id;                    // Of its last event that had one.
    std::chrono::milliseconds retry{1000};  // The pause before it is opened again.
    TimePoint ended_at;                     // When it broke off.
    bool is_over_limit = false;             // It ended by a limit of ours.
    bool has_told = false;                  // A message has come since it was opened last.
};

}  // namespace gw::upstream
