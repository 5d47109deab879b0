#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "gateway/call.hpp"
#include "gateway/steady_progress.hpp"
#include "mcp/input_required.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::gateway {

// What a stateless server asks in one result, put to a client of the session era: all of it at the
// same time, on the stream of its call.
class Questions final : mcp::Withdrawable {
public:
    // All of it outlives this; `input` has views.
    Questions(Call& call, SteadyProgress& caller, mcp::InputRequests input);

    // Asks, and returns the `inputResponses`; after `pause` if there is nothing to ask. A client
    // that refuses an elicitation has cancelled it; any other refusal is an error, because
    // responses have no place for one (2026-07-28, basic/patterns/mrtr). What is still open when it
    // fails is taken back.
    Task<Result<std::string>> ask(std::chrono::milliseconds pause, TimePoint until);

private:
    struct Question {
        mcp::InputRequest request;
        std::string response;
    };

    void withdraw() override;

    Result<void> check() const;
    Task<> ask_one(Question& question);
    Task<> wait(std::chrono::milliseconds pause);
    Task<> keep_alive();
    void fail_with(Error error);
    void end_one();
    std::string responses() const;

    Call& call_;
    SteadyProgress& caller_;
    std::vector<Question> questions_;
    std::size_t open_ = 0;
    bool is_withdrawn_ = false;
    std::optional<Error> failure_;  // The first one.
    async::Gate gate_;
};

}  // namespace gw::gateway
