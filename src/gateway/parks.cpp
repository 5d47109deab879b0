#include "gateway/parks.hpp"

#include "async/deadline.hpp"
#include "async/sleep.hpp"

#include <algorithm>
#include <utility>

namespace gw::gateway {

namespace {

// Servers ask several things at the same time; within this they make one result.
constexpr std::chrono::milliseconds gather{20};
constexpr std::chrono::milliseconds close_within{500};

constexpr std::string_view withdrawn = "the request was withdrawn";

std::unexpected<Error> gone() {
    return fail(
        Errc::invalid_params,
        "\"requestState\" has expired, was used already, or gave way to newer calls "
        "(limits.parks_per_principal_max, limits.parks_max, or the calls of one server)"
    );
}

}  // namespace

Parks::Parks(
    async::Loop& loop,
    async::Wheel& wheel,
    unsigned shard,
    const StateSeal& seal,
    const ParkLimits& limits,
    async::LimitedQueue& waiting,
    Tell tell
)
    : loop_(loop),
      wheel_(wheel),
      shard_(static_cast<std::uint16_t>(shard)),
      seal_(seal),
      limits_(limits),
      waiting_(waiting),
      tell_(std::move(tell)),
      gate_(loop),
      inside_(loop) {}

Task<Result<mcp::Answer>> Parks::begin(Call& call) {
    if (inside_.is_shut()) co_return fail(Errc::unavailable, "the gateway is shutting down");
    const auto id = next_id_++;
    ParkedCall::Identity identity{
        .id = id,
        .owner = std::string(call.stateless->owner),
        .who = call.principal,
        .state = {},
        .named = {},
        .server = call.server
    };
    identity.named = call.string(mcp::Part::name, "name").value_or("");
    identity.state.park = id;
    identity.state.shard = shard_;
    identity.state.server = call.session.terms().server;
    identity.state.upstream = digest_of(call.server->name());
    identity.state.owner = call.who().owner.digest();
    identity.state.call = digest_of_call(call.request.method, call.part(mcp::Part::params));
    auto made = std::make_unique<ParkedCall>(
        static_cast<ParkedCall::Keeper&>(*this),
        std::move(identity),
        call.session,
        call.request,
        loop_
    );
    auto& parked = *made;
    parked_.emplace(id, std::move(made));
    parked.caller = &call.caller;
    gate_.spawn(run(parked));
    co_return co_await attend(parked, call);
}

Task<Result<mcp::Answer>> Parks::resume(Call& call, const RequestState& state) {
    const auto found = parked_.find(state.park);
    if (found == parked_.end() || state.shard != shard_) co_return gone();
    auto& parked = *found->second;
    if (parked.is_abandoned || parked.caller != nullptr || parked.round() != state.round) {
        co_return gone();
    }
    GW_CO_DO(parked.answer(call.part(mcp::Part::input_responses)));
    ++counters_.resumed;
    stop_to_wait(parked);
    parked.continue_for(call.principal);
    parked.caller = &call.caller;
    co_return co_await attend(parked, call);
}

Task<> Parks::run(ParkedCall& call) {
    co_await call.run();
    if (call.is_abandoned) parked_.erase(call.identity().id);
}

// Waits with the client's request of the moment.
Task<Result<mcp::Answer>> Parks::attend(ParkedCall& parked, Call& call) {
    const async::Visitors::Visit visit(inside_);
    call.caller.set_withdrawable(&parked);
    auto& fiber = co_await this_fiber();
    while (!parked.outcome && !fiber.is_cancelled) {
        if (!parked.has_questions()) {
            co_await parked.changed.wait();
            continue;
        }
        {
            const async::Deadline window(wheel_, wheel_.now() + gather, fiber);
            while (!parked.outcome && co_await parked.changed.wait()) {
            }
        }
        if (parked.has_questions()) break;  // Else it was taken back.
    }
    call.caller.set_withdrawable(nullptr);
    parked.caller = nullptr;
    if (parked.outcome) {
        call.caller.at_peers = parked.at_peers;
        auto outcome = std::move(*parked.outcome);
        parked_.erase(parked.identity().id);
        co_return outcome;
    }
    if (!parked.has_questions() || parked.is_withdrawn()) {
        abandon(parked, parked.is_withdrawn() ? parked.reason() : withdrawn);
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    // By the capabilities of this retry, which may differ from those of the first request.
    if (auto checked = parked.check_questions(call.session.terms().capabilities); !checked) {
        abandon(parked, "the client cannot answer what was asked");
        co_return std::unexpected(std::move(checked).error());
    }
    ++counters_.asked;
    begin_to_wait(parked);
    co_return parked.input_required(seal_, wheel_.now() + limits_.time);
}

void Parks::begin_to_wait(ParkedCall& parked) {
    const auto joined = waiting_.join(parked.identity().owner, shard_, parked.identity().id);
    parked.turn = joined.turn;
    wheel_.add(parked, wheel_.now() + limits_.time);
    for (const auto& member : joined.gave_way) {
        if (member.shard == shard_) {
            give_way(member);
        } else {
            tell_(member);
        }
    }
}

// Who left many questions behind loses the oldest, and never has to wait for them to expire. One
// whose client comes before it is told so goes on: its place is another's already.
void Parks::give_way(const async::LimitedQueue::Member& member, std::string_view why) {
    const auto found = parked_.find(member.id);
    if (found == parked_.end() || found->second->turn != member.turn) return;
    ++counters_.abandoned;
    abandon(*found->second, why);
}

void Parks::stop_to_wait(ParkedCall& parked) {
    async::Wheel::remove(parked);
    if (parked.turn == 0) return;
    waiting_.leave(parked.identity().owner, parked.turn);
    parked.turn = 0;
}

void Parks::expired(ParkedCall& call, std::string_view why) {
    ++counters_.abandoned;
    abandon(call, why);
}

// Nobody comes for it any more. `why` is what the server is told.
void Parks::abandon(ParkedCall& parked, std::string_view why) {
    stop_to_wait(parked);
    parked.is_abandoned = true;
    if (parked.outcome) {
        parked_.erase(parked.identity().id);
    } else {
        parked.withdraw_because(why);
    }
}

void Parks::drop_where(const IsLost& is_lost) {
    std::vector<ParkedCall*> found;
    for (auto& [id, each] : parked_) {
        if (each->turn != 0 && is_lost(*each)) found.push_back(each.get());
    }
    for (auto* each : found)
        abandon(*each, "what was called is not there any more");
}

void Parks::end_invalid(const std::function<bool(const auth::Principal& who)>& is_valid) {
    std::vector<ParkedCall*> found;
    for (auto& [id, each] : parked_) {
        if (each->turn != 0 && !is_valid(*each->identity().who)) found.push_back(each.get());
    }
    for (auto* each : found) {
        ++counters_.abandoned;
        abandon(*each, "its client may not go on with it");
    }
}

Task<> Parks::close() {
    std::vector<ParkedCall*> all;
    all.reserve(parked_.size());
    for (auto& [id, each] : parked_)
        all.push_back(each.get());
    for (auto* each : all) {
        if (each->caller == nullptr) abandon(*each, "the gateway is shutting down");
    }
    // A withdrawn call tells its server first.
    const auto until = wheel_.now() + close_within;
    while (gate_.running() > 0 && wheel_.now() < until)
        co_await async::sleep_until(loop_, wheel_, wheel_.now() + async::Wheel::tick);
    co_await gate_.close();
    co_await inside_.close();  // Their requests wait in the calls.
    parked_.clear();
}

}  // namespace gw::gateway
