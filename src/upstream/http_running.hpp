#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/clock.hpp"
#include "upstream/http_link.hpp"
#include "upstream/sent_again.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::upstream {

// One call, for as long as it runs.
struct HttpLink::Running final : HttpCall {
    Running(HttpLink& owner, mcp::Exchange& who, std::uint64_t number)
        : link(owner),
          caller(who),
          id(number),
          questions(owner.around_.shard),
          visit(owner.inside_) {}

    // Whatever it waits for: not only for its connection.
    void withdraw() override {
        HttpCall::withdraw();
        if (deadline != nullptr) deadline->end();
    }

    // Its end is decided, or it has no deadline.
    bool is_beyond_time() const {
        return deadline == nullptr || is_withdrawn || deadline->has_expired();
    }

    // It may take until then, but not beyond its bound. What users are asked bounds itself.
    void extend(TimePoint until) const {
        if (!is_beyond_time() && stops == 0) deadline->move(std::min(until, deadline_max));
    }

    // From the first question to the end of the last one no time passes for it: what users take is
    // not the server's. Afterwards it may be silent for as long as at first.
    void stop_clock(TimePoint now) {
        if (stops++ == 0) stopped_at = now;
        if (!is_beyond_time()) deadline->pause();
    }

    void start_clock(TimePoint now, TimePoint::duration silence_max) {
        if (--stops > 0) return;
        if (deadline_max != TimePoint::max()) deadline_max += now - stopped_at;
        extend(now + silence_max);
    }

    bool has_questions() const { return questions.running() > 0; }

    HttpLink& link;
    mcp::Exchange& caller;
    NumberText id;
    async::Gate questions;  // What the server asks while it works.
    Fiber* fiber = nullptr;
    async::Deadline* deadline = nullptr;
    TimePoint deadline_max = TimePoint::max();
    unsigned stops = 0;  // Questions that are open, and that it may wait for.
    TimePoint stopped_at;
    std::optional<Result<mcp::Answer>> answer;  // Found on an event stream.
    bool is_repeatable = false;
    bool is_repetition = false;

    // What came for it.
    int status = 0;  // Of HTTP.
    Then then = Then::passes;
    RefusalWords words;  // If it was refused.

    async::Visitors::Visit visit;
};

// An event stream that the server may break off and continue later.
struct HttpLink::Resumable {
    std::string last_id;
    std::chrono::milliseconds retry{1000};
    TimePoint ended_at;
    bool has_told = false;  // A message has come since it was opened last.
};

}  // namespace gw::upstream
