#pragma once

#include "async/deadline.hpp"
#include "upstream/ground/sent_again.hpp"
#include "upstream/http/stateless_link.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::upstream {

// One call, for as long as it runs, in the frame of the function that makes it. It may take several
// requests.
struct StatelessLink::Running final : HttpCall {
    Running(StatelessLink& owner, mcp::Exchange& who, async::Deadline& until)
        : link(owner), caller(who), deadline(until), visit(owner.inside_) {
        link.running_.push_back(*this);
        caller.set_withdrawable(this);
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running() {
        caller.set_withdrawable(nullptr);
        unlink();
    }

    // Ends whatever the call waits for, not only its connection.
    void withdraw() override {
        HttpCall::withdraw();
        deadline.end();
    }

    // True when it was withdrawn or its time is over.
    bool is_over() const { return is_withdrawn || deadline.has_expired(); }

    StatelessLink& link;
    mcp::Exchange& caller;
    async::Deadline& deadline;
    TimePoint deadline_max = TimePoint::max();
    async::Visitors::Visit visit;

    // Of the request that is under way.
    NumberText id{0};
    std::string_view method;
    bool wants_progress = false;
    mcp::ClientCapabilities declared;
    std::optional<mcp::LogLevel> log_level;

    // What came for it.
    int status = 0;                    // Of HTTP.
    std::optional<std::int64_t> code;  // Of a JSON-RPC error.
    bool is_lost = false;              // The answer broke off.
    Then then = Then::passes;          // What is to be done about it.
    RefusalWords words;                // If it was refused.
    std::optional<Result<mcp::Answer>> answer;
};

}  // namespace gw::upstream
