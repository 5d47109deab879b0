#pragma once

#include "async/deadline.hpp"
#include "async/event.hpp"
#include "async/shared_count.hpp"
#include "async/wheel.hpp"
#include "auth/owner.hpp"
#include "auth/permit.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"
#include "session/change_listener.hpp"
#include "session/event_stream.hpp"
#include "session/upstreams.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::session {

// What every session of a shard shares.
struct Surroundings {
    async::Loop& loop;
    async::Wheel& wheel;
    async::Budget& budget;
    const StreamLimits& streams;
    std::chrono::milliseconds ask_timeout;
    KeptStreams kept{};
};

// A call of the client that has not been answered. It is in its session's list while it runs.
struct RunningCall
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    std::string_view id;                   // As the client wrote it; lives as long as the call.
    const auth::Principal* who = nullptr;  // Who asked; lives as long.
    mcp::Withdrawable* peer = nullptr;
    bool is_withdrawn = false;
    bool is_unwanted = false;  // It was its client that did so, and who wants no answer.
    std::string reason{};      // Of that, if there is one.

    // Its client has cancelled it, or has left.
    void cancel(std::string why) {
        is_unwanted = is_unwanted || !is_withdrawn;
        withdraw(std::move(why));
    }

    void withdraw(std::string why) {
        if (std::exchange(is_withdrawn, true)) return;
        reason = std::move(why);
        if (peer != nullptr) peer->withdraw_because(reason);
    }
};

// A client that has one of the session's streams open outside of calls. It is in its session's list
// while it has.
class StreamReader : public boost::intrusive::list_base_hook<
                         boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    // Who has opened it.
    virtual const auth::Principal& who() const = 0;

    // Nothing more is for it: it leaves soon.
    virtual void end() = 0;

protected:
    ~StreamReader() = default;
};

// What was agreed at initialize, and may not change.
struct Terms {
    std::string id;                 // Empty for a session that serves requests without one.
    auth::Owner owner;              // Of use to all tokens of this one.
    auth::ServerNumber server = 0;  // The virtual server it belongs to.
    mcp::Revision revision = mcp::Revision::r2025_03_26;
    mcp::ClientCapabilities capabilities;
};

// The state of one client of the session era. It belongs to one shard.
class Session final : public mcp::Exchange,
                      public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    Session(Terms terms, Surroundings& around);
    ~Session() override;

    const Terms& terms() const { return terms_; }

    const Surroundings& around() const { return around_; }

    bool has_id() const { return !terms_.id.empty(); }

    // ---- what goes to the client outside of calls: on the GET stream ----

    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;

    // Tells the client that a list changed, unless that is under way already. `method` is one of
    // catalog::names_of(kind).list_changed.
    void notify_changed(std::string_view method);

    // Tells the client that a resource has changed. `params` are those of resource_updated.
    void notify_updated(std::string_view params);

    EventStream& get_stream() { return get_stream_; }

    // ---- what stateless clients listen to ----

    void add(ChangeListener& listener) { listeners_.push_back(listener); }

    // Ends all streams of listeners.
    void end_listening();

    async::Loop& loop() { return around_.loop; }

    async::Wheel& wheel() { return around_.wheel; }

    // ---- resources that the client has subscribed to ----

    // True when it had not yet. Errc::too_many at the limit of one session.
    Result<bool> subscribe(const std::string& uri);

    void unsubscribe(const std::string& uri) { subscribed_.erase(uri); }

    // ---- streams ----

    // A stream for the answer to one POST. It stays until it has expired after its end.
    EventStream& open_stream();

    // The stream of this number, 0 for the GET stream; null when there is none, or no more.
    EventStream* find_stream(std::uint32_t number);

    // Those of POSTs that can still be written or resumed.
    std::size_t stream_count() const { return streams_.size(); }

    // Forgets a stream that nobody can resume, unless somebody has.
    void drop_stream(EventStream& stream);

    // ---- what the gateway asks the client ----

    // Puts the question on `stream` and waits for the answer. Errc::capability_missing when the
    // client cannot do that. A client that need not answer any more is told so, and why.
    Task<Result<mcp::Answer>> ask_on(EventStream& stream, mcp::ServerRequest request);

    // Brings the client's answer to whoever asked. `id` as it came; false when nobody waits.
    bool answered(std::string_view id, mcp::Answer answer);

    // Brings the client's progress with a question, `params` of which `token` is a part, to the
    // server that asked and wants to know.
    void progressed(std::string_view params, std::string_view token);

    // ---- calls ----

    void add(RunningCall& call) { calls_.push_back(call); }

    // notifications/cancelled from the client; unknown ids are ignored.
    void withdraw(std::string_view id, std::string reason);

    std::size_t running() const { return calls_.size(); }

    // ---- who it is for ----

    void add(StreamReader& reader) { readers_.push_back(reader); }

    // Ends the calls and streams of those for whom `is_valid` is false; what others of the same
    // owner have goes on.
    void end_invalid(const std::function<bool(const auth::Principal& who)>& is_valid);

    // ---- life ----

    // The client can send nothing any more: streams of listeners end, and whoever asks it or waits
    // for its answer is refused. Calls go on.
    void drain();

    // Ends what waits: streams finish, questions and calls are withdrawn. Idempotent.
    void end();

    bool has_ended() const { return has_ended_; }

    // Drops events that are too old, and streams that nobody can resume any more.
    void expire(TimePoint now);

    std::unique_ptr<Upstreams> upstreams;
    std::optional<mcp::LogLevel> log_level;
    std::optional<TimePoint> lists_wanted;  // When lists were first waited for: once is enough.
    bool is_initialized = false;            // The client sent notifications/initialized.
    TimePoint opened;
    TimePoint last_used;
    unsigned users = 0;               // Connections and calls that hold a reference.
    std::string counted_under;        // Whom limits per principal count it for.
    async::SharedCount::Place place;  // Among those that limits count.

private:
    bool can_ask() const { return has_id() && !has_ended_ && !is_draining_; }

    void prune_streams();
    void put(std::string_view method, std::string_view params);

    struct Question {
        explicit Question(async::Loop& loop) : answered(loop) {}

        async::Event answered;
        std::optional<mcp::Answer> answer;
        mcp::Peer* from = nullptr;
        std::string progress_token;  // The server's own, raw; empty: it wants no progress.
    };

    Result<std::string> phrase(Question& question, std::string_view id, mcp::ServerRequest request);
    Question* find_question(std::string_view id);

    Terms terms_;
    Surroundings& around_;
    EventStream get_stream_;
    std::vector<std::unique_ptr<EventStream>> streams_;  // Of POSTs.
    std::map<std::uint64_t, Question*> questions_;
    boost::intrusive::list<RunningCall, boost::intrusive::constant_time_size<false>> calls_;
    boost::intrusive::list<StreamReader, boost::intrusive::constant_time_size<false>> readers_;
    boost::intrusive::list<ChangeListener, boost::intrusive::constant_time_size<false>> listeners_;
    std::map<std::string, async::Budget::Hold> subscribed_;
    std::uint64_t next_question_ = 1;
    std::uint32_t next_stream_ = 1;
    std::array<std::uint64_t, 3> changed_at_{};  // Event of the last list_changed, by method.
    bool is_draining_ = false;
    bool has_ended_ = false;
};

// Keeps a session from being destroyed while a connection or a call uses it.
class Use {
public:
    explicit Use(Session& session) : session_(&session) { ++session.users; }

    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    ~Use() { --session_->users; }

    Session* operator->() const { return session_; }

    Session& operator*() const { return *session_; }

private:
    Session* session_;
};

}  // namespace gw::session
