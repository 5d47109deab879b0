#include "async/deadline.hpp"
#include "async/sleep.hpp"
#include "upstream/process_demand.hpp"
#include "upstream/stdio_child.hpp"

#include <utility>

// How a child process begins: with a place among those that run, when there is a processor for it,
// and with the question what it is.
namespace gw::upstream {

namespace {

// How often it is looked whether a process may start, and whether one that starts works.
constexpr std::chrono::milliseconds start_queue_look{20};
constexpr std::chrono::milliseconds start_look{250};
constexpr std::chrono::seconds start_place_max{10};

std::unexpected<Error> withdrawn() {
    return fail(Errc::cancelled, "the request was withdrawn");
}

}  // namespace

Task<Result<Slice>> StdioChild::open(
    const User& user, std::string_view params, StatelessTerms& terms
) {
    auto& shard = around_.shard;
    users_.push_back(&user);
    GW_CO_TRY(const auto command, find_command(config_, processes_.environment()));
    GW_CO_TRY(auto slot, co_await take_slot());
    if (slot.start_at() > shard.now() &&
        !co_await async::sleep_until(shard, shard.wheel(), slot.start_at())) {
        co_return withdrawn();
    }
    StartQueue::Place place(processes_.starts());
    while (!place.may_start()) {
        if (!co_await async::sleep_until(shard, shard.wheel(), shard.now() + start_queue_look)) {
            co_return withdrawn();
        }
    }
    GW_CO_TRY(process_, Process::start(shard, command));
    slot_.emplace(std::move(slot));
    is_usable_ = true;
    gate_.spawn(watch());
    gate_.spawn(read());
    gate_.spawn(read_errors());
    gate_.spawn(write());
    async::Gate looking(shard);
    looking.spawn(look_at_start(place));
    auto opened = co_await introduce(params, terms);
    auto& fiber = co_await this_fiber();
    const async::Shield shield(fiber);
    co_await looking.close();
    if (opened) profile_ = opened->view();
    version_ = terms.revision();
    co_return opened;
}

// Gives the place to another when the process has no use for a processor, since it waits for the
// network or sleeps; and after a while in any case: one that works without end must not hold the
// others up.
Task<> StdioChild::look_at_start(StartQueue::Place& place) {
    auto& shard = around_.shard;
    const auto begin = shard.clock().now();
    auto last = begin;
    auto demanded = processor_demand(process_->id());
    while (co_await async::sleep_until(shard, shard.wheel(), shard.now() + start_look)) {
        const auto now = shard.clock().now();
        const auto demand = processor_demand(process_->id());
        // Less than before: of a process that has ended nothing is known any more.
        const bool is_known = demand && demanded && *demand >= *demanded;
        const bool is_busy = !is_known || (*demand - *demanded) * 4 > now - last;
        if (!is_busy || now - begin > start_place_max) co_return place.leave();
        demanded = demand;
        last = now;
    }
}

// At a limit a process that nobody uses ends for this one, within the time that it may take.
Task<Result<ProcessLimits::Slot>> StdioChild::take_slot() {
    auto& shard = around_.shard;
    const auto until =
        shard.now() + 4 * around_.limits.process_kill_after + std::chrono::seconds(1);
    const auto owner = users_.front()->owner;
    ProcessLimits::Search search;
    for (;;) {
        auto slot = processes_.take(config_.name, shard.now(), holder());
        if (slot || slot.error().kind != Errc::too_many || shard.now() >= until) co_return slot;
        if (!processes_.make_room(config_.name, owner, search)) co_return slot;
        if (!co_await async::sleep_until(shard, shard.wheel(), shard.now() + start_queue_look)) {
            co_return withdrawn();
        }
    }
}

ProcessHolder StdioChild::holder() {
    ProcessHolder holder{.owner = users_.front()->owner};
    holder.give_up = [this] { return give_up(); };
    holder.submit = [&shard = around_.shard](std::move_only_function<void()> work) {
        shard.submit(std::move(work));
    };
    return holder;
}

// Those who use it let go of it if they can. Some may have done so when another refuses; they come
// back with their next call.
bool StdioChild::give_up() {
    if (is_closing_) return true;
    for (const auto* user : users_) {
        if (!user->give_up || !user->give_up()) return false;
    }
    is_usable_ = false;  // Nobody is to come any more.
    changed_();
    return true;
}

// 2026-07-28, basic/transports/stdio, Backward Compatibility. The process is kept while it is
// silent: programs that have to be fetched first take minutes before they read.
Task<Result<Slice>> StdioChild::introduce(std::string_view params, StatelessTerms& terms) {
    auto& shard = around_.shard;
    const async::Deadline deadline(
        shard.wheel(), shard.now() + around_.limits.start_timeout, co_await this_fiber()
    );
    const Introduction::Eras eras{config_.era, verdict_.get(shard.now())};
    Introduction introduction(
        shard, shard.wheel(), duplex_, terms, eras, around_.limits.era_silence_max
    );
    auto profile = co_await introduction.run(params);
    note_era(introduction, profile.has_value());
    if (!profile && deadline.has_expired()) {
        co_return fail(
            Errc::timed_out,
            "Upstream server did not answer in time",
            "after its start (timeouts.start)"
        );
    }
    co_return profile;
}

// What the next process is asked first. Some end at what they do not know, so that one which ended
// unopened is not asked server/discover again.
void StdioChild::note_era(const Introduction& introduction, bool is_open) {
    const auto found = introduction.found();
    is_stateless_ = is_open && found == Era::stateless;
    if (found) return verdict_.set(*found, around_.shard.now());
    verdict_.forget();
    const bool has_ended_at_it = !is_usable_ && introduction.has_asked_discover();
    if (has_ended_at_it) verdict_.set(Era::sessions, around_.shard.now());
}

}  // namespace gw::upstream
