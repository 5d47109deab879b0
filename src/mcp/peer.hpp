#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/splice.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw::mcp {

// The bytes of "result". A tool that failed is one of these, with isError in it.
struct Completed {
    Slice result;
    std::shared_ptr<void> hold = {};  // A part of the budget of buffered bytes, if it is large.
    bool has_type = false;      // It has a resultType, as stateless revisions want of results.
    bool is_stateless = false;  // It is in the words of a stateless revision, typed or not.
    bool is_task = false;       // ... which is "task": the call goes on behind the taskId in it.
    bool has_related_task = false;  // Its _meta names a task of 2025-11-25.
    int too_deep = 0;               // How deep it is nested, if that is more than it may be.
    std::uint64_t session = 0;      // The peer's number for the session that it began a task in.
};

// The bytes of "error" that the peer itself answered; passed on untouched. That there was no
// answer at all is an Error of ours, not one of these.
struct Refused {
    Slice error;
    bool is_stateless = false;  // The peer speaks a stateless revision, and so does the code.
    bool may_repeat = false;    // It has not run, and may be made again with what the error asks.
};

// A call that waits for its client to bring answers, as Parks knows it.
struct Parked {
    std::uint64_t id = 0;  // 0: there is none.
    std::uint64_t turn = 0;
};

// The bytes of a "result" whose resultType is input_required: the call has to be made again, with
// the answers to what it asks (2026-07-28, basic/patterns/mrtr).
struct InputRequired {
    Slice result;
    Parked call{};     // If the gateway made it of what a server asked by requests.
    int too_deep = 0;  // As above.
};

using Answer = std::variant<Completed, Refused, InputRequired>;

// A header that mirrors an argument: Mcp-Param-NAME (2026-07-28, basic/transports/streamable-http,
// Custom Headers from Tool Parameters).
struct MirroredArgument {
    std::string header;       // With its "Mcp-Param-".
    std::string value;        // As it goes on the wire.
    bool is_unknown = false;  // The client sent it, and its tool lists no argument for it.

    bool operator==(const MirroredArgument&) const = default;
};

// What a client of a stateless revision says of itself with each request.
struct Envelope {
    ClientCapabilities capabilities;
    std::optional<LogLevel> log_level;  // None: it wants no log messages.
};

// A request in the one form between the edges, whatever revision either side speaks. The id is not
// in it: each side has its own. Views into what the caller keeps until the call has returned.
struct Request {
    std::string_view method;
    Splice params;                         // A checked JSON object, or empty when there is none.
    std::string_view progress_token = {};  // Where its value stands in params; empty: none wanted.
    std::string_view meta = {};            // Where _meta's value stands in params; empty: none.
    const Envelope* envelope = nullptr;    // Null when the client has a session, and _meta none.
    std::string name = {};  // What tools/call, prompts/get and resources/read name, as the peer
                            // knows it, without quotes and escapes.
    std::vector<MirroredArgument> mirrored = {};
    TimePoint deadline = TimePoint::max();  // max(): as long as the peer is configured to wait.
    // Progress moves the deadline on, but not beyond this; max(): as the peer is configured.
    TimePoint deadline_max = TimePoint::max();
    bool is_repeatable = false;   // It may be sent again when it is unknown whether it arrived.
    bool is_repetition = false;   // It was sent before, and never is a third time.
    bool needs_task = false;      // Its tool can only be run as a task; the peer follows that.
    bool accepts_task = false;    // A stateless server may answer with a task, whatever the client
                                  // declared: the caller follows it.
    bool begins_task = false;     // The client itself asked for a task of 2025-11-25.
    bool is_run_as_task = false;  // The gateway asked for one, and follows it.
    std::uint64_t session = 0;    // Of what is asked about a task: Completed::session of its begin.
    bool names_asker = false;  // Users have to be told which server asks them: there are several.
    bool shares_session = false;  // Its session is one of many clients.
    std::string_view owner = {};  // Of a stateless client: whom limits count it under.
};

// What comes beside an answer: progress, a log message, a change.
struct Notification {
    std::string_view method;
    std::string_view params = {};          // A JSON object, or empty.
    std::string_view progress_token = {};  // Where its value stands in params.
    bool is_of_task = false;               // A task is named in params or in their _meta.
};

class Peer;

// What a server asks its client while it works: elicitation, sampling, roots.
struct ServerRequest {
    std::string_view method;
    std::string_view params;
    Peer* from = nullptr;  // Who hears of the client's progress with it, if that is wanted.
    // Why its server has taken it back, once it has; null where it cannot say. Outlives the asking.
    const std::string* taken_back = nullptr;
};

// A call that its caller may take back.
class Withdrawable {
public:
    // Ends the call soon with Errc::cancelled, and tells the peer. Does not resume inside.
    virtual void withdraw() = 0;

    // The same, and `reason` is what the peer is told. It stays as long as the call.
    void withdraw_because(std::string_view reason) {
        reason_ = reason;
        withdraw();
    }

    // Why the caller took it back; empty when it did not say.
    std::string_view reason() const { return reason_; }

protected:
    ~Withdrawable() = default;

private:
    std::string_view reason_;
};

// How long peers had what a caller has asked, and how often they were called for it.
struct TimeAtPeers {
    TimePoint::duration time{};
    unsigned calls = 0;

    TimeAtPeers& operator+=(const TimeAtPeers& other) {
        time += other.time;
        calls += other.calls;
        return *this;
    }
};

// The caller's side while a call or a stream runs. notify() and ask() are awaited: a caller that
// reads slowly slows the peer down.
class Exchange {
public:
    virtual ~Exchange() = default;

    // Passes a notification on. What the request did not ask for is dropped here, not by peers.
    virtual Task<Result<void>> notify(Notification notification) = 0;

    // Asks the caller's client and waits for its answer. Errc::capability_missing when the client
    // did not declare what that needs.
    virtual Task<Result<Answer>> ask(ServerRequest request) = 0;

    // Ends the call soon if nobody waits for it at the moment: its client was asked something and
    // has not come back. True then. Where there may be no more calls, it makes room for another.
    virtual bool give_way() { return false; }

    // The peer says here what to withdraw while it waits, and takes it back before it returns.
    virtual void set_withdrawable(Withdrawable* call) { (void)call; }

    // A peer that is a server adds its part when it returns, and a caller that stands for another
    // passes it on when it ends.
    TimeAtPeers at_peers;
};

// The caller of what the gateway does on its own: nobody listens, and nobody can be asked.
class Nobody final : public Exchange {
public:
    Task<Result<void>> notify(Notification /*notification*/) override { co_return Result<void>(); }

    Task<Result<Answer>> ask(ServerRequest /*request*/) override {
        co_return fail(Errc::capability_missing, "nobody can be asked");
    }
};

// Anything that answers MCP requests: an upstream server, or the gateway itself.
class Peer {
public:
    virtual ~Peer() = default;

    // What a server is called in the configuration: by that clients know it, however it is reached.
    virtual std::string_view name() const = 0;

    // Sends `request` and waits for its answer; what comes before it goes to `caller`, which is
    // used until this returns and no longer. Fails with Errc::upstream_failed when the peer breaks
    // the protocol, timed_out after request.deadline, cancelled when the call was withdrawn. The
    // request is used up, in its place: its owner keeps it until this returns.
    virtual Task<Result<Answer>> call(Request&& request, Exchange& caller) = 0;

    // True when it may answer InputRequired, as far as is known before it is called.
    virtual bool may_require_input() const { return false; }

    // What a client says on its own (roots/list_changed). Does not wait for the peer, and is lost
    // when there is no connection to it.
    virtual void notify(std::string_view method, std::string_view params) = 0;
};

// Whoever holds one may call the peer, which fails once its owner has closed it.
using PeerHandle = std::shared_ptr<Peer>;

}  // namespace gw::mcp
