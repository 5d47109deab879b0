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
#include "upstream/ground/bounded_log.hpp"
#include "upstream/ground/config.hpp"

#include <cstdint>
#include <deque>
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
    // Sends `message`, JSON that may have line breaks between its tokens, soon and in order; does
    // not wait. `call`: the message is its request. An error means that it was not sent. If that
    // turns out later, the outlet calls Duplex::fail() with the call.
    virtual Result<void> send(Buffer message, std::optional<CallId> call) = 0;

    // The server has refused a request of a session as it would if it had none. Does not wait.
    virtual void doubt() {}

protected:
    ~Outlet() = default;
};

struct DuplexCall;
class StatelessTerms;

// Matches messages to calls where all that the server says comes on one stream. It moves no bytes:
// the link that owns it reads and writes. It belongs to one shard; close() is awaited before it is
// destroyed.
//
// Only call() uses the exchange of its caller, in its own fiber or in one that it waits for. So
// what comes for a caller waits in the inbox of its call. When an inbox is full, nothing is read
// for anybody, for stall_max at most: then the call fails whose caller does not take what came for
// it, and the others go on.
class Duplex {
public:
    static constexpr std::chrono::seconds stall_max{5};
    static constexpr std::chrono::seconds stall_shared_max{1};  // After share().
    static constexpr std::size_t questions_max = 64;  // That the server may have open at a time.

    // All of these outlive it, `outside` until share() or close() has returned. What belongs to no
    // call goes to `outside`.
    Duplex(
        async::Loop& loop,
        async::Wheel& wheel,
        const Limits& limits,
        BoundedLog& log,
        Outlet& outlet,
        mcp::Exchange& outside
    );
    ~Duplex();

    // Opens a session, as Link::open() does: initialize(), and confirm() if the result is good.
    Task<Result<Slice>> open(std::string_view params);

    // Sends server/discover or initialize, and returns the answer as it came. Both may be under
    // way. The only bound is the deadline of the fiber. `terms` outlive the call.
    Task<Result<mcp::Answer>> discover(StatelessTerms& terms);
    Task<Result<mcp::Answer>> initialize(std::string_view params);

    // Sends notifications/initialized.
    void confirm();

    // What the server says of its own accord is read by the rules of this era from now on; at first
    // by those of sessions.
    void speak(Era era) { era_ = era; }

    // The links of many client sessions call the server from now on; it is stateless, and their
    // calls are told apart by their terms. Nothing goes to `outside` any more, and the wait for a
    // caller that takes nothing is stall_shared_max. What names no request is passed on only when
    // it can belong to one client only. Waits until nobody uses `outside`.
    Task<> share();

    // Calls and notifies as a Link does. `terms`: of a stateless server, whose requests have an
    // envelope made of them; null for one with sessions. They outlive the call, and end_calls() is
    // called before they are destroyed.
    Task<Result<mcp::Answer>> call(
        const mcp::Request& request, mcp::Exchange& caller, StatelessTerms* terms = nullptr
    );
    void notify(std::string_view method, std::string_view params);

    // Takes one message of the server, or an array of up to 1000 (2025-03-26). `hold` is the part
    // of the budget of buffered bytes that it takes up, or null; it is kept with an answer until
    // that is sent. What is no message is logged and dropped. After close() began all is dropped.
    void receive(Buffer text, std::shared_ptr<void> hold);

    // True when receive() must not be called before relieve() has returned.
    bool is_congested() const { return is_congested_; }

    // Waits until there is room in all inboxes. After stall_max it makes room: it fails the calls
    // whose inboxes are full, and drops what lies outside of calls.
    Task<> relieve();

    // Ends one call with an error, if it still runs. Errc::unknown_session becomes
    // Errc::upstream_failed when the server may have run it.
    void fail(CallId call, Error error);

    // Ends all calls with an error, because the stream has ended. Nothing can be called any more.
    void fail_all(const Error& error);

    // Ends the calls that were made with these terms, and tells the server. They return soon.
    void end_calls(const StatelessTerms& terms, const Error& why);

    // True after fail_all() or close().
    bool is_over() const { return is_over_; }

    // Ends all calls with `why`, and returns when nothing runs any more. Called once.
    Task<> close(Error why);

private:
    friend struct DuplexCall;

    void leave(DuplexCall& call);
    static Buffer render(CallId id, const mcp::Request& request, StatelessTerms* terms);

    void receive_one(Buffer text, std::shared_ptr<void> hold);
    static Result<mcp::Answer> outcome_of(
        const DuplexCall& call, Slice response, const mcp::Scan& scan
    );
    void receive_answer(DuplexMessage message, std::shared_ptr<void> hold);
    void receive_notification(DuplexMessage message);
    void receive_stateless(DuplexMessage message, std::string_view method);
    void receive_request(DuplexMessage message);

    DuplexCall* find(std::string_view id);
    DuplexCall* only_call();
    DuplexCall* find_stream(std::string_view id);
    void count_as_heard();
    DuplexCall* first_that_logs(const DuplexMessage& message);
    bool is_doubtful();
    void note_stray(const DuplexCall& call);
    void forget_stray(std::string_view id);
    void push(DuplexCall* to, DuplexMessage message);
    void push_progress(DuplexCall& call, DuplexMessage message);
    DuplexMessage take(Inbox& from);
    void clear(Inbox& inbox);

    Task<> serve_outside();
    Task<> deliver(DuplexMessage message, mcp::Exchange& to);
    Task<> answer(DuplexMessage message);
    std::vector<CallId> stop_clocks(const DuplexCall* call);
    void start_clocks(const std::vector<CallId>& stopped);
    void refuse(const DuplexMessage& request, Error error);
    void end(DuplexQuestion& question);
    void send(std::string_view message);

    async::Loop& loop_;
    async::Wheel& wheel_;
    const Limits& limits_;
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

    // A call of a stateless server that was given up on, at which the server may still be at work:
    // until it answers that all the same, and for stray_max at most, since it was told to stop.
    struct Stray {
        CallId id;
        const StatelessTerms* of;  // The link that called; null when that is gone.
        TimePoint until;
    };

    static constexpr std::chrono::minutes stray_max{1};
    static constexpr std::size_t strays_max = 64;
    std::deque<Stray> strays_;   // The oldest first.
    TimePoint crowded_until_{};  // Until when there are more than these, of whomever.
    async::Event room_;          // Something was taken out of an inbox.
};

}  // namespace gw::upstream
