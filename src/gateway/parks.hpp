#pragma once

#include "async/gate.hpp"
#include "async/limited_queue.hpp"
#include "async/visitors.hpp"
#include "gateway/call.hpp"
#include "gateway/parked_call.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gw::gateway {

// How long a call is kept for its client.
struct ParkLimits {
    std::chrono::milliseconds time = std::chrono::minutes(5);  // For the client to come back.
};

// What happened, for whoever watches.
struct ParkCounters {
    std::uint64_t asked = 0;  // input_required results given.
    std::uint64_t resumed = 0;
    std::uint64_t abandoned = 0;  // The client did not come back in time.
};

// The calls of one shard that wait for their stateless clients to bring an answer, or may have to.
// A parked call is never run again: a client that comes too late is told so. Limits count those
// that wait, on all shards; at a limit the one that waits longest gives way.
class Parks final : ParkedCall::Keeper {
public:
    // Makes another shard, the member's, call give_way().
    using Tell = std::function<void(const async::LimitedQueue::Member&)>;

    // All of it outlives this. `waiting` are the parked calls of all shards that wait for their
    // clients.
    Parks(
        async::Loop& loop,
        async::Wheel& wheel,
        unsigned shard,
        const StateSeal& seal,
        const ParkLimits& limits,
        async::LimitedQueue& waiting,
        Tell tell
    );

    // Calls call.server, and returns when the call has ended or its server asks something: then the
    // answer is InputRequired, and the call is parked.
    Task<Result<mcp::Answer>> begin(Call& call);

    // The same for the call that `state` names, with the answers that `call` brings.
    // Errc::invalid_params when it is no longer there, or was resumed already.
    Task<Result<mcp::Answer>> resume(Call& call, const RequestState& state);

    std::size_t size() const { return parked_.size(); }

    TimePoint now() const { return wheel_.now(); }

    const ParkCounters& counters() const { return counters_; }

    // A call of this shard has lost its place to another one.
    void give_way(
        const async::LimitedQueue::Member& member,
        std::string_view why = "it gave way to newer calls"
    );

    // The client is known to have left without what it was to be told: withdraws its call, unless
    // that was resumed by then.
    void client_has_left(const mcp::Parked& call) {
        give_way({shard_, call.id, call.turn}, "the client has left");
    }

    // Withdraws the calls that wait for a client which could not go on with them, by the word of
    // `is_lost`.
    using IsLost = std::function<bool(const ParkedCall& call)>;
    void drop_where(const IsLost& is_lost);

    // Withdraws the calls that wait for the clients of those for whom `is_valid` is false. The
    // others end with the requests that wait for them.
    void end_invalid(const std::function<bool(const auth::Principal& who)>& is_valid);

    // Withdraws all calls, and returns when none runs any more.
    Task<> close();

private:
    void expired(ParkedCall& call, std::string_view why) override;
    void begin_to_wait(ParkedCall& parked);
    void stop_to_wait(ParkedCall& parked);
    Task<> run(ParkedCall& call);
    Task<Result<mcp::Answer>> attend(ParkedCall& parked, Call& call);
    void abandon(ParkedCall& parked, std::string_view why);

    async::Loop& loop_;
    async::Wheel& wheel_;
    std::uint16_t shard_;
    const StateSeal& seal_;
    const ParkLimits& limits_;
    std::map<std::uint64_t, std::unique_ptr<ParkedCall>> parked_;
    async::LimitedQueue& waiting_;
    Tell tell_;
    std::uint64_t next_id_ = 1;
    ParkCounters counters_;
    async::Gate gate_;
    async::Visitors inside_;  // Clients' requests that wait for a call.
};

}  // namespace gw::gateway
