#pragma once

#include "async/deadline.hpp"
#include "async/event.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/ground/call_clock.hpp"
#include "upstream/ground/question.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gw::upstream {

constexpr std::string_view listen_method = "subscriptions/listen";

// A question, and who is asked.
struct DuplexQuestion : Question {
    DuplexCall* call;  // The call whose caller is asked; null for what lies outside of calls.
    mcp::Exchange& asked;
};

// A request of ours, for as long as its caller waits.
struct DuplexCall final : mcp::Withdrawable {
    DuplexCall(Duplex& owner, CallId number, mcp::Exchange& who, Fiber& waiting)
        : duplex(owner),
          id(number),
          caller(who),
          fiber(waiting),
          visit(owner.inside_),
          news(owner.loop_) {}

    DuplexCall(const DuplexCall&) = delete;
    DuplexCall& operator=(const DuplexCall&) = delete;

    ~DuplexCall() = default;

    // What goes to the caller at the moment is not waited for, and what is behind it does not go.
    void withdraw() override { abandon({Errc::cancelled, "the request was withdrawn", {}, {}}); }

    // Ends the call though the server works on it, so that it has to be told.
    void abandon(Error why) {
        is_abandoned = is_abandoned || !outcome;
        outcome = std::unexpected(std::move(why));
        clock.end();
        duplex.clear(inbox);
        news.set();
    }

    void end(Result<mcp::Answer> with) {
        if (!outcome) outcome = std::move(with);
        news.set();
    }

    // It has run, or may have, and must not run twice.
    bool has_begun() const { return was_heard && !is_repeatable; }

    Duplex& duplex;
    CallId id;
    mcp::Exchange& caller;
    Fiber& fiber;
    async::Visitors::Visit visit;
    async::Event news;  // Whatever changed below.
    Inbox inbox;
    std::size_t questions = 0;
    std::optional<Result<mcp::Answer>> outcome;
    bool is_abandoned = false;
    std::string_view method;
    bool is_handshake = false;  // Not to be cancelled.
    bool wants_progress = false;
    const StatelessTerms* terms = nullptr;   // Of a stateless server: whose it is.
    bool shares_session = false;             // With other clients.
    mcp::ClientCapabilities declared;        // To a stateless server.
    std::optional<mcp::LogLevel> log_level;  // Of a stateless server: which messages it wants.
    bool is_repeatable = false;
    bool is_repetition = false;
    bool was_heard = false;  // What is or may be of it has come before its answer.
    std::optional<async::Deadline> deadline;
    CallClock clock;
};

}  // namespace gw::upstream
