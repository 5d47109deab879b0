#include "async/sleep.hpp"
#include "upstream/process/process_start.hpp"
#include "upstream/process/stderr_log.hpp"
#include "upstream/stdio/stdio_child.hpp"

#include <algorithm>
#include <utility>

// How a child process begins: with a place among those that run, when there is a processor for it,
// and with the question what it is.
namespace gw::upstream {

namespace {

constexpr std::chrono::milliseconds room_look{20};  // Whether there is room for a process.

std::unexpected<Error> withdrawn() {
    return fail(Errc::cancelled, "the request was withdrawn");
}

}  // namespace

Task<Result<Slice>> StdioChild::open(
    const User& user, std::string_view params, StatelessTerms& terms, const TakeSpare& take_spare
) {
    auto& shard = around_.shard;
    users_.push_back(&user);
    GW_CO_TRY(const auto command, find_command(config_, processes_.environment()));
    std::optional<StartQueue::Place> place;
    auto spare = take_spare ? co_await take_spare() : std::nullopt;
    if (spare) {
        was_spare_ = true;
        slot_.emplace(std::move(spare->slot));
        slot_->change_holder(holder(user.owner));
        slot_->starts();
        slot_->is_silent(shard.now());
        process_ = Process::adopt(shard, std::move(spare->process));
    } else {
        GW_CO_TRY(auto slot, co_await take_slot());
        slot.starts();
        if (slot.start_at() > shard.now() &&
            !co_await async::sleep_until(shard, shard.wheel(), slot.start_at())) {
            co_return withdrawn();
        }
        place.emplace(processes_.starts());
        if (!co_await wait_for_turn(shard, *place)) co_return withdrawn();
        GW_CO_TRY(process_, Process::start(shard, command));
        slot_.emplace(std::move(slot));
    }
    is_usable_ = true;
    gate_.spawn(watch());
    gate_.spawn(read());
    gate_.spawn(log_stderr(process_->errors(), log_));
    gate_.spawn(write());
    async::Gate looking(shard);
    if (place) looking.spawn(note_silence(*place));
    auto opened = co_await introduce(params, terms);
    auto& fiber = co_await this_fiber();
    const async::Shield shield(fiber);
    co_await looking.close();
    is_open_ = opened.has_value();
    if (opened && slot_) slot_->has_started();
    if (opened) profile_ = opened->view();
    version_ = terms.revision();
    co_return opened;
}

// At a limit a process that nobody uses ends for this one, within the time that it may take. One
// that is in use for the gateway's own lists is waited for: no call is refused for these. Where all
// are in use for clients, calls of a server with sessions are refused: a process is a session, and
// may be in use for long. Those of a stateless one wait for the calls of another worker, a little
// less than until their deadline, so that they hear why; unless they only prefer a session, and
// there is a process without one.
Task<Result<ProcessLimits::Slot>> StdioChild::take_slot() {
    auto& shard = around_.shard;
    const auto& user = *users_.front();
    const auto era = config_.era ? config_.era : verdict_.choice(user.prefers, shard.now());
    const bool has_other = !era && user.prefers == Era::sessions && knows_discover();
    const bool may_wait = era != Era::sessions && !has_other && !user.hears_changes;
    const Time to_end = 4 * around_.limits.process_kill_after + std::chrono::seconds(1);
    const Time longest =
        user.hears_changes ? to_end : std::max(to_end, config_.call_timeout * 9 / 10);
    const auto began = shard.now();
    auto until = began + (may_wait ? longest : to_end);
    using Room = ProcessLimits::Room;
    ProcessLimits::Search search;
    for (;;) {
        auto slot = processes_.take(config_.name, shard.now(), holder(user.owner));
        if (slot || slot.error().kind != Errc::too_many || shard.now() >= until) co_return slot;
        const auto room = processes_.make_room(config_.name, user.owner, search, shard.now());
        if (room == Room::none && !may_wait) co_return slot;
        if (room == Room::later) until = began + longest;
        if (room != Room::comes) search = {};
        if (!co_await async::sleep_until(shard, shard.wheel(), shard.now() + room_look)) {
            co_return withdrawn();
        }
    }
}

ProcessHolder StdioChild::holder(std::string owner) {
    ProcessHolder holder{.owner = std::move(owner)};
    holder.give_up = [this](Asked what) { return give_up(what); };
    holder.submit = [&shard = around_.shard](std::move_only_function<void()> work) {
        shard.submit(std::move(work));
    };
    return holder;
}

// Asks all users to let go of it, those who list for the gateway last. When one refuses, others may
// have let go already; they come back with their next call.
GivesWay StdioChild::give_up(Asked what) {
    if (is_closing_) return GivesWay::now;
    if (what == Asked::silent) {
        if (start_deadline_ == nullptr) return GivesWay::no;
        has_given_way_ = true;
        start_deadline_->end();
        return GivesWay::now;
    }
    if (!all_let_go(false)) return GivesWay::no;
    if (!all_let_go(true)) return GivesWay::soon;
    is_usable_ = false;  // Nobody is to come any more.
    changed_();
    return GivesWay::now;
}

bool StdioChild::all_let_go(bool are_of_gateway) const {
    return std::ranges::all_of(users_, [are_of_gateway](const User* user) {
        return user->hears_changes != are_of_gateway || (user->give_up && user->give_up());
    });
}

// While it uses a processor it starts, however slowly; then it may wait for something that never
// comes.
Task<> StdioChild::note_silence(StartQueue::Place& place) {
    co_await leave_when_started(around_.shard, process_->id(), place);
    if (place.has_left() && slot_) slot_->is_silent(around_.shard.now());
}

// 2026-07-28, basic/transports/stdio, Backward Compatibility. The process is kept while it is
// silent: programs that have to be fetched first take minutes before they read.
Task<Result<Slice>> StdioChild::introduce(std::string_view params, StatelessTerms& terms) {
    auto& shard = around_.shard;
    async::Deadline deadline(
        shard.wheel(), shard.now() + around_.limits.start_timeout, co_await this_fiber()
    );
    const auto preferred = users_.front()->prefers;
    const Introduction::Eras eras{
        .configured = config_.era,
        .first = verdict_.choice(preferred, shard.now()).value_or(preferred),
        .knows_discover = knows_discover()
    };
    Introduction introduction(
        shard, shard.wheel(), duplex_, terms, eras, around_.limits.era_silence_max
    );
    start_deadline_ = &deadline;
    auto profile = co_await introduction.run(params);
    start_deadline_ = nullptr;
    if (has_given_way_) {
        auto why = processes_.why_given_way(config_.name, shard.now());
        log_.write(why);
        co_return fail(Errc::timed_out, std::move(why));
    }
    note_era(introduction, profile.has_value());
    if (!profile && deadline.has_expired()) {
        co_return fail(
            Errc::timed_out,
            "Upstream server did not answer in time",
            "its program was started, and has not answered within timeouts.start"
        );
    }
    co_return profile;
}

bool StdioChild::knows_discover() const {
    return verdict_.speaks(Era::stateless, around_.shard.now()).value_or(false);
}

// Notes what the next process is asked first. What was refused says something only if nothing was
// asked before: some servers keep to the era of the first question. Others end when they are asked
// what they do not know, and are not asked that again.
void StdioChild::note_era(const Introduction& introduction, bool is_open) {
    const auto now = around_.shard.now();
    const auto found = introduction.found();
    is_stateless_ = is_open && found == Era::stateless;
    if (found) {
        const auto refused = introduction.refused_first();
        if (refused) verdict_.doubt(*refused, now);
        return verdict_.set(*found, now);
    }
    const bool has_ended = !is_usable_;
    if (has_ended && !introduction.has_asked_discover() && knows_discover()) {
        return verdict_.doubt(Era::sessions, now);
    }
    verdict_.forget();
    if (has_ended && introduction.has_asked_discover()) verdict_.deny(Era::stateless, now);
}

}  // namespace gw::upstream
