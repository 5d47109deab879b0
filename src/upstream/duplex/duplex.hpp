#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "async/wheel.hpp"
#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/peer.hpp"
#include "upstream/duplex/duplex_inbox.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/duplex_log.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// The number of a call, which is its request's id and its progress token upstream.
using CallId = std::int64_t;

// Where the messages to a server go. A port.
class Outlet {
public:
    // Sends `message`, JSON that may have line breaks between its tokens, soon and in order. When
    // it is the request of `call` and cannot be sent after all, that call is told by fail().
    virtual Result<void> send(Buffer message, std::optional<CallId> call) = 0;

protected:
    ~Outlet() = default;
};

struct DuplexCall;
class StatelessTerms;

// A link on which all that the server says comes on one stream: knows which call a message belongs
// to. It moves no bytes: the link that owns it reads and writes.
//
// Nothing but call() uses a caller's exchange, in its own fiber or in one that it waits for; so
// what comes for a caller waits in the call's inbox. When one is full, reading stops for all, which
// is the back-pressure, but only for stall_max: then the call fails whose caller does not take what
// it asked for, and the others go on.
class Duplex {
public:
    static constexpr std::chrono::seconds stall_max{5};
    static constexpr std::chrono::seconds stall_shared_max{1};
    static constexpr std::size_t questions_max = 64;  // That the server may have open at a time.

    // All of these outlive it.
    Duplex(
        async::Loop& loop,
        async::Wheel& wheel,
        BoundedLog& log,
        Outlet& outlet,
        mcp::Exchange& outside
    );
    ~Duplex();

    // As Link has it: initialize() and confirm().
    Task<Result<Slice>> open(std::string_view params);

    // Asks what the server is, in the one era or the other; both may be under way. The fiber's
    // deadline is the bound.
    Task<Result<mcp::Answer>> discover(StatelessTerms& terms);
    Task<Result<mcp::Answer>> initialize(std::string_view params);

    // Tells a server with sessions that it is initialized.
    void confirm();

    // What the server says on its own has the meaning that it has in this era; in that with
    // sessions at first.
    void speak(Era era) { era_ = era; }

    // The sessions of many clients call a stateless server from now on, told apart by their terms.
    // Nothing is outside any more, and nobody waits long for who does not take what is his. What
    // names no request is passed on only where there is no doubt whose it is.
    Task<> share();

    // As Link has them. A request to a stateless server has an envelope of `terms`; to one with
    // sessions there are none.
    Task<Result<mcp::Answer>> call(
        const mcp::Request& request, mcp::Exchange& caller, StatelessTerms* terms = nullptr
    );
    void notify(std::string_view method, std::string_view params);

    // Takes one message of the server, or an array of them (2025-03-26). `hold` is what of the
    // budget of buffered bytes it takes up, or null. What is no message is logged and dropped, and
    // all is after close() began.
    void receive(Buffer text, std::shared_ptr<void> hold);

    // True when no more is to be received before relieve() has returned.
    bool is_congested() const { return is_congested_; }

    Task<> relieve();

    // Ends a call, or all of them, with an error.
    void fail(CallId call, Error error);
    void fail_all(const Error& error);

    // Ends the calls that were made with these terms, and tells the server. They return soon.
    void end_calls(const StatelessTerms& terms, const Error& why);

    // True when all calls were failed, so that nothing can be answered any more.
    bool is_over() const { return is_over_; }

    // Ends all calls with `why`, and returns when nothing runs any more.
    Task<> close(Error why);

private:
    friend struct DuplexCall;

    void leave(DuplexCall& call);
    static Buffer render(CallId id, const mcp::Request& request, StatelessTerms* terms);

    void receive_one(Buffer text, std::shared_ptr<void> hold);
    static Result<mcp::Answer> outcome_of(
        const DuplexCall& call, Slice response, const mcp::Scan& scan
    );
    void receive_answer(Incoming message, std::shared_ptr<void> hold);
    void receive_notification(Incoming message);
    void receive_stateless(Incoming message, std::string_view method);
    void receive_request(Incoming message);

    DuplexCall* find(std::string_view id);
    DuplexCall* only_call();
    DuplexCall* find_stream(std::string_view id);
    void count_as_heard();
    DuplexCall* first_that_logs(const Incoming& message);
    bool is_doubtful() const;
    void note_stray(const DuplexCall& call);
    void push(DuplexCall* to, Incoming message);
    void push_progress(DuplexCall& call, Incoming message);
    Incoming take(Inbox& from);
    void clear(Inbox& inbox);

    Task<> serve_outside();
    Task<> deliver(Incoming message, mcp::Exchange& to);
    Task<> answer(Incoming message);
    std::vector<CallId> stop_clocks(const DuplexCall* call);
    void start_clocks(const std::vector<CallId>& stopped);
    void refuse(const Incoming& request, Error error);
    void end(DuplexQuestion& question);
    void send(std::string_view message);

    async::Loop& loop_;
    async::Wheel& wheel_;
    BoundedLog& log_;
    Outlet& outlet_;
    mcp::Exchange& outside_;
    Era era_ = Era::sessions;
    async::Gate gate_;
    CallId next_id_ = 0;
    std::vector<DuplexCall*> calls_;  // Ids ascend.
    async::Visitors inside_;          // Calls, until they have returned.
    std::list<DuplexQuestion> questions_;
    Inbox outside_inbox_;
    async::Event outside_news_;
    bool is_congested_ = false;
    bool is_over_ = false;
    bool is_shared_ = false;
    // Calls were given up on which the server may still be at work: all of one session, or of
    // several (null).
    bool has_strays_ = false;
    const StatelessTerms* strays_of_ = nullptr;
    // The same of the clients of one session. It ends, since a call that was given up is common
    // there, and its server was told.
    static constexpr std::chrono::minutes stray_max{1};
    TimePoint stray_clients_until_;
    async::Event room_;  // Something was taken out of an inbox.
};

}  // namespace gw::upstream
