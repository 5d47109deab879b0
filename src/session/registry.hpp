#pragma once

#include "async/shared_count.hpp"
#include "async/wheel.hpp"
#include "session/session.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gw::session {

// How long a session without a request is kept: as a rule, and before its client has said that it
// is initialized.
struct SessionLimits {
    std::chrono::milliseconds idle_max = std::chrono::minutes(30);
    std::chrono::milliseconds uninitialized_max = std::chrono::seconds(30);
};

// The sessions of one shard.
class Registry final : async::Timer {
public:
    // Fills the bytes with randomness fit for secrets.
    using Random = std::function<void(std::array<unsigned char, 16>&)>;

    // `count` is of the sessions of all shards that have an id.
    Registry(
        unsigned shard,
        Surroundings& around,
        const SessionLimits& limits,
        async::SharedCount& count,
        Random random
    );
    ~Registry();

    // A new session under a new id; limits count it for `counted_under`. Errc::too_many at a limit.
    Result<Session*> open(Terms terms, std::string_view counted_under);

    // The session `id`, if it is the owner's and of the virtual server: else Errc::unknown_session.
    Result<Session*> find(std::string_view id, const auth::Owner& owner, auth::ServerNumber server);

    // The session that serves requests without an id, shared by all of one owner whose clients can
    // do the same. What clients can do is a few bits, which bounds how many there are.
    Session& shared(
        const auth::Owner& owner,
        auth::ServerNumber server,
        mcp::Revision revision,
        const mcp::ClientCapabilities& capabilities = {}
    );

    // Ends the session; it is destroyed when nothing uses it any more.
    void end(Session& session);

    // The same for every session, also for those of requests without an id.
    void end_all();

    // Ends all that `matches` holds for.
    void end_where(const std::function<bool(const Session&)>& matches);

    // Destroys what has ended and is used by nobody; happens once a second by itself.
    void sweep();

    // Which shard a session id names; nothing for what cannot be one of ours.
    static std::optional<unsigned> shard_of(std::string_view id);

    template <typename Visit>
    void each(Visit visit) {
        for (auto& session : by_use_)
            visit(session);
    }

    std::size_t size() const { return by_id_.size(); }

    // Set when a session is created: gives it its upstream sessions.
    std::function<std::unique_ptr<Upstreams>(Session&)> make_upstreams;

private:
    // What the sessions that serve requests without an id are told apart by.
    struct Kind {
        auth::Owner::Digest owner;
        auth::ServerNumber server;
        mcp::Revision revision;
        mcp::ClientCapabilities capabilities;

        bool operator==(const Kind&) const = default;
    };

    struct KindHash {
        std::size_t operator()(const Kind& kind) const;
    };

    static Kind kind_of(const Terms& terms);

    void expire() override;
    void touch(Session& session);
    void end_shared(Session& session);
    void relieve(std::size_t wanted);
    bool is_overdue(const Session& session) const;
    std::unique_ptr<Session> make(Terms terms);
    void bury(std::unique_ptr<Session> session);

    unsigned shard_;
    Surroundings& around_;
    const SessionLimits& limits_;
    async::SharedCount& count_;
    Random random_;
    std::unordered_map<std::string_view, std::unique_ptr<Session>> by_id_;  // Keys live in them.
    std::unordered_map<Kind, std::unique_ptr<Session>, KindHash> shared_;
    std::vector<std::unique_ptr<Session>> ended_;  // Still in use by somebody.
    // Least recently used first.
    boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>> by_use_;
};

}  // namespace gw::session
