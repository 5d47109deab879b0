#pragma once

#include "async/deadline.hpp"
#include "async/event.hpp"
#include "upstream/duplex.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace gw::upstream {

// A request of the server that has not been answered.
struct Question {
    enum class State : std::uint8_t {
        open,
        call_ended,  // Nobody is there to answer; the server is told so.
        withdrawn    // The server does not want an answer.
    };

    std::string id;    // JSON, as the server wrote it.
    DuplexCall* call;  // The call whose caller is asked; null for what lies outside of calls.
    mcp::Exchange& asked;
    Fiber* fiber = nullptr;  // Of the task that asks, once it runs.
    State state = State::open;
};

// A request of ours, for as long as its caller waits.
struct DuplexCall final : mcp::Withdrawable {
    DuplexCall(Duplex& owner, CallId number, mcp::Exchange& who, Fiber& waiting)
        : duplex(owner), id(number), caller(who), fiber(waiting), news(owner.loop_) {
        ++duplex.running_;
    }

    DuplexCall(const DuplexCall&) = delete;
    DuplexCall& operator=(const DuplexCall&) = delete;

    ~DuplexCall() {
        if (--duplex.running_ == 0) duplex.idle_.set();
    }

    // What goes to the caller at the moment goes out whole; what waits behind it does not.
    void withdraw() override { abandon({Errc::cancelled, "the request was withdrawn", {}, {}}); }

    // Ends the call though the server works on it, so that it has to be told.
    void abandon(Error why) {
        is_abandoned = is_abandoned || !outcome;
        outcome = std::unexpected(std::move(why));
        duplex.clear(inbox);
        news.set();
    }

    void end(Result<mcp::Answer> with) {
        if (!outcome) outcome = std::move(with);
        news.set();
    }

    Duplex& duplex;
    CallId id;
    mcp::Exchange& caller;
    Fiber& fiber;
    async::Event news;  // Whatever changed below.
    Inbox inbox;
    std::size_t questions = 0;
    std::optional<Result<mcp::Answer>> outcome;
    bool is_abandoned = false;
    std::string_view method;
    bool is_handshake = false;  // Not to be cancelled.
    bool wants_progress = false;
    mcp::ClientCapabilities declared;        // To a stateless server.
    std::optional<mcp::LogLevel> log_level;  // Of a stateless server: which messages it wants.
    TimePoint::duration silence_max{};
    std::optional<async::Deadline> deadline;
};

}  // namespace gw::upstream
