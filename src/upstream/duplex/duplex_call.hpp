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

// A request to the server, for as long as its caller waits. It is in the frame of Duplex::call().
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

    // Ends the call at once: what its caller has not taken is dropped, and the server is told.
    void withdraw() override { abandon({Errc::cancelled, "the request was withdrawn", {}, {}}); }

    // Ends the call with `why`. The server may be at work on it, so it is told, unless the answer
    // had come.
    void abandon(Error why) {
        is_abandoned = is_abandoned || !outcome;
        outcome = std::unexpected(std::move(why));
        clock.end();
        duplex.clear(inbox);
        news.set();
    }

    // Ends the call, unless it has ended. Its caller first takes what is in the inbox.
    void end(Result<mcp::Answer> with) {
        if (!outcome) outcome = std::move(with);
        news.set();
    }

    // True when the server may have run it, and it must not run twice.
    bool has_begun() const { return was_heard && !is_repeatable; }

    Duplex& duplex;
    CallId id;
    mcp::Exchange& caller;
    Fiber& fiber;
    async::Visitors::Visit visit;
    async::Event news;  // Something below has changed.
    Inbox inbox;
    std::size_t questions = 0;  // Of the server, put to the caller.
    std::optional<Result<mcp::Answer>> outcome;
    bool is_abandoned = false;
    std::string_view method;
    bool is_handshake = false;  // Not to be cancelled.
    bool wants_progress = false;
    const StatelessTerms* terms = nullptr;  // Of the link that calls; null: a server with sessions.
    bool is_left = false;                   // That link is about to go.
    bool shares_session = false;            // Its client shares the link with other clients.
    mcp::ClientCapabilities declared;       // To a stateless server.
    std::optional<mcp::LogLevel> log_level;  // Of the messages that a stateless server may send.
    bool is_repeatable = false;              // As in its request.
    bool is_repetition = false;              // As in its request.
    bool was_heard = false;  // Something came before its answer that is or may be of it.
    std::optional<async::Deadline> deadline;
    CallClock clock;
};

}  // namespace gw::upstream
