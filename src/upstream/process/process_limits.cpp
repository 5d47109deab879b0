#include "upstream/process/process_limits.hpp"

#include "net/shard_threads.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string_view>
#include <tuple>

namespace gw::upstream {

namespace {

// None after the first crash: that may have been an accident, and its caller waits.
std::chrono::milliseconds pause_after(std::size_t crashes) {
    constexpr std::chrono::milliseconds first{250};
    if (crashes < 2) return {};
    return first * (1U << std::min<std::size_t>(crashes - 2, 5));
}

}  // namespace

struct ProcessLimits::Entry {
    Entry(
        std::uint64_t own_number, std::string of, ProcessHolder who, TimePoint start, TimePoint now
    )
        : number(own_number),
          upstream(std::move(of)),
          holder(std::move(who)),
          start_at(start),
          last_used(now.time_since_epoch().count()) {}

    const std::uint64_t number;
    const std::string upstream;
    ProcessHolder holder;
    const TimePoint start_at;
    std::atomic<TimePoint::rep> last_used;  // Its own shard writes it, on the way of calls.
    bool is_asked = false;  // Its holder was asked to give it up, and has not refused.
    std::uint64_t refused_at = 0;
    bool gives_way_soon = false;  // It said so when it refused.
};

TimePoint ProcessLimits::Slot::start_at() const {
    return entry_->start_at;
}

void ProcessLimits::Slot::touch(TimePoint now) {
    entry_->last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

bool ProcessLimits::Slot::change_holder(ProcessHolder holder) {
    const std::scoped_lock lock(limits_->mutex_);
    if (entry_->is_asked) return false;
    entry_->holder = std::move(holder);
    entry_->gives_way_soon = false;
    return true;
}

ProcessLimits::ProcessLimits(const Limits& limits, Variables environment)
    : limits_(limits),
      environment_(std::move(environment)),
      starts_(std::max(net::processor_count(), 1U)) {
    std::signal(SIGPIPE, SIG_IGN);
    // So that a log which may not grow any more (RLIMIT_FSIZE) costs lines, like a full disk.
    std::signal(SIGXFSZ, SIG_IGN);
}

ProcessLimits::~ProcessLimits() = default;

void ProcessLimits::forget_old(Counts& counts, TimePoint now) const {
    auto& crashes = counts.crashes;
    while (!crashes.empty() && now - crashes.front() >= limits_.process_restart_window) {
        crashes.pop_front();
    }
}

Result<ProcessLimits::Slot> ProcessLimits::take(
    const std::string& upstream,
    TimePoint now,
    ProcessHolder holder  // NOLINT(performance-unnecessary-value-param): it is moved below.
) {
    const std::scoped_lock lock(mutex_);
    auto& counts = upstreams_[upstream];
    forget_old(counts, now);
    if (counts.crashes.size() >= std::max<std::size_t>(limits_.process_restarts_max, 1)) {
        return fail(
            Errc::upstream_failed,
            "the server's program has ended by itself too often, and is not started for a while "
            "(processes.restarts_max)"
        );
    }
    if (entries_.size() >= limits_.processes_max) {
        return fail(Errc::too_many, "the limit of child processes is reached (processes.max)");
    }
    if (counts.running >= limits_.processes_per_upstream_max) {
        return fail(
            Errc::too_many,
            "the limit of this server's processes is reached (processes.per_upstream_max)"
        );
    }
    ++counts.running;
    const auto last = counts.crashes.empty() ? now : counts.crashes.back();
    const auto start_at = last + pause_after(counts.crashes.size());
    const auto number = next_++;
    auto& entry = entries_.try_emplace(number, number, upstream, std::move(holder), start_at, now)
                      .first->second;
    return Slot(*this, entry);
}

ProcessLimits::Room ProcessLimits::make_room(
    const std::string& upstream, const std::string& owner, Search& search
) {
    std::function<void(std::move_only_function<void()>)> submit;
    {
        const std::scoped_lock lock(mutex_);
        const auto asked = entries_.find(search.asked);
        if (asked != entries_.end() && asked->second.is_asked) return Room::comes;
        // What had ended for this one another has taken. Those that refused meanwhile may be idle
        // by now: all are asked again.
        const bool has_ended = search.asked != 0 && asked == entries_.end();
        if (has_ended && is_full(upstream)) search = {};
        if (search.begun == 0) search.begun = next_++;
        auto* const chosen = choose(upstream, owner, search.begun);
        if (chosen == nullptr) {
            const bool may_come = std::ranges::any_of(entries_, [&](const auto& each) {
                const auto& entry = each.second;
                const bool may_end = entry.is_asked || entry.gives_way_soon;
                return may_end && is_in_the_way(entry, upstream);
            });
            return may_come ? Room::later : Room::none;
        }
        chosen->is_asked = true;
        search.asked = chosen->number;
        submit = chosen->holder.submit;
    }
    submit([this, number = search.asked] { ask(number); });
    return Room::comes;
}

bool ProcessLimits::is_full(const std::string& upstream) {
    return entries_.size() >= limits_.processes_max ||
           upstreams_[upstream].running >= limits_.processes_per_upstream_max;
}

// At the limit of `upstream` only its own processes are.
bool ProcessLimits::is_in_the_way(const Entry& entry, const std::string& upstream) {
    const bool is_own_limit = upstreams_[upstream].running >= limits_.processes_per_upstream_max;
    return !is_own_limit || entry.upstream == upstream;
}

ProcessLimits::Entry* ProcessLimits::choose(
    const std::string& upstream, const std::string& owner, std::uint64_t since
) {
    std::map<std::string_view, std::size_t> owned;
    for (const auto& [number, entry] : entries_)
        ++owned[entry.holder.owner];
    // The one of the least worth ends.
    const auto worth = [&](const Entry& entry) {
        const auto& whose = entry.holder.owner;
        const int rank = entry.holder.is_spare ? 0 : whose.empty() ? 1 : whose == owner ? 2 : 3;
        const auto others = rank == 3 ? entries_.size() - owned[whose] : 0;
        return std::tuple(rank, others, entry.last_used.load(std::memory_order_relaxed));
    };
    Entry* best = nullptr;
    for (auto& [number, entry] : entries_) {
        if (!is_in_the_way(entry, upstream)) continue;
        if (!entry.holder.give_up || entry.is_asked || entry.refused_at > since) continue;
        if (best == nullptr || worth(entry) < worth(*best)) best = &entry;
    }
    return best;
}

// Runs on the shard that has the process, so that its entry stays while the holder is asked.
void ProcessLimits::ask(std::uint64_t number) {
    const std::function<GivesWay()>* give_up = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) return;
        give_up = &found->second.holder.give_up;
    }
    const auto gives_way = (*give_up)();
    if (gives_way == GivesWay::now) return;
    const std::scoped_lock lock(mutex_);
    auto& entry = entries_.at(number);
    entry.is_asked = false;
    entry.gives_way_soon = gives_way == GivesWay::soon;
    entry.refused_at = next_++;
}

void ProcessLimits::note_crash(const std::string& upstream, TimePoint now) {
    const std::scoped_lock lock(mutex_);
    auto& counts = upstreams_[upstream];
    forget_old(counts, now);
    counts.crashes.push_back(now);
}

std::size_t ProcessLimits::running() {
    const std::scoped_lock lock(mutex_);
    return entries_.size();
}

std::size_t ProcessLimits::spares() {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const auto& each) {
        return each.second.holder.is_spare;
    }));
}

void ProcessLimits::give_back(const Entry& entry) {
    const std::scoped_lock lock(mutex_);
    --upstreams_[entry.upstream].running;
    entries_.erase(entry.number);
}

}  // namespace gw::upstream
