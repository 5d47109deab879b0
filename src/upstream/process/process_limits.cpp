#include "upstream/process/process_limits.hpp"

#include "net/shard_threads.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
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

// How long a start may be silent that others wait for, and others come first afterwards.
std::chrono::seconds patience(unsigned given_way) {
    const auto longer = ProcessLimits::patience_min * (1U << std::min(given_way, 10U));
    return std::min(longer, ProcessLimits::patience_max);
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
    bool is_starting = false;
    std::optional<TimePoint> silent_since;  // While it starts.
    unsigned given_way_before = 0;          // Counts::starts_given_way when it started.

    // Its start may have to give way to a process of `other` for `asker`.
    bool is_start_for_less(const std::string& other, const std::string& asker) const {
        return is_starting && upstream != other && (holder.owner.empty() || !asker.empty());
    }
};

TimePoint ProcessLimits::Slot::start_at() const {
    return entry_->start_at;
}

void ProcessLimits::Slot::touch(TimePoint now) {
    entry_->last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

void ProcessLimits::Slot::starts() {
    const std::scoped_lock lock(limits_->mutex_);
    entry_->is_starting = true;
    entry_->given_way_before = limits_->upstreams_[entry_->upstream].starts_given_way;
}

void ProcessLimits::Slot::is_silent(TimePoint since) {
    const std::scoped_lock lock(limits_->mutex_);
    entry_->silent_since = since;
}

void ProcessLimits::Slot::has_started() {
    const std::scoped_lock lock(limits_->mutex_);
    entry_->is_starting = false;
    limits_->upstreams_[entry_->upstream].starts_given_way = 0;
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
    if (now < counts.next_start) return fail(Errc::upstream_failed, given_way(counts, now));
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
    const std::string& upstream, const std::string& owner, Search& search, TimePoint now
) {
    std::function<void(std::move_only_function<void()>)> submit;
    auto what = Asked::idle;
    {
        const std::scoped_lock lock(mutex_);
        const auto asked = entries_.find(search.asked);
        if (asked != entries_.end() && asked->second.is_asked) return Room::comes;
        // What had ended for this one another has taken. Those that refused meanwhile may be idle
        // by now: all are asked again.
        const bool has_ended = search.asked != 0 && asked == entries_.end();
        if (has_ended && is_full(upstream)) search = {};
        if (search.begun == 0) search.begun = next_++;
        auto* chosen = choose(upstream, owner, search.begun);
        if (chosen == nullptr && may_end_soon(upstream)) return Room::later;
        if (chosen == nullptr) {
            chosen = choose_silent(upstream, owner, now);
            what = Asked::silent;
        }
        if (chosen == nullptr) {
            return is_start_awaited(upstream, owner) ? Room::later : Room::none;
        }
        chosen->is_asked = true;
        search.asked = chosen->number;
        submit = chosen->holder.submit;
    }
    submit([this, number = search.asked, what, now] { ask(number, what, now); });
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

// Without anybody being asked.
bool ProcessLimits::may_end_soon(const std::string& upstream) {
    return std::ranges::any_of(entries_, [&](const auto& each) {
        const auto& entry = each.second;
        return (entry.is_asked || entry.gives_way_soon) && is_in_the_way(entry, upstream);
    });
}

// Either it has to give way in a while, or what the gateway itself does with it when it has started
// will.
bool ProcessLimits::is_start_awaited(const std::string& upstream, const std::string& owner) {
    return std::ranges::any_of(entries_, [&](const auto& each) {
        const auto& entry = each.second;
        const bool is_own = entry.is_starting && entry.holder.owner.empty();
        const bool may_end = is_own || entry.is_start_for_less(upstream, owner);
        return may_end && is_in_the_way(entry, upstream);
    });
}

ProcessLimits::Entry* ProcessLimits::choose_silent(
    const std::string& upstream, const std::string& owner, TimePoint now
) {
    Entry* best = nullptr;
    for (auto& [number, entry] : entries_) {
        if (!entry.is_start_for_less(upstream, owner) || !is_in_the_way(entry, upstream)) continue;
        if (!entry.silent_since || now - *entry.silent_since < patience(entry.given_way_before)) {
            continue;
        }
        if (best == nullptr || *entry.silent_since < *best->silent_since) best = &entry;
    }
    return best;
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
        if (entry.is_starting) continue;  // Somebody waits for it.
        if (best == nullptr || worth(entry) < worth(*best)) best = &entry;
    }
    return best;
}

// Runs on the shard that has the process, so that its entry stays while the holder is asked.
void ProcessLimits::ask(std::uint64_t number, Asked what, TimePoint now) {
    const std::function<GivesWay(Asked)>* give_up = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) return;
        give_up = &found->second.holder.give_up;
    }
    const auto gives_way = (*give_up)(what);
    const std::scoped_lock lock(mutex_);
    auto& entry = entries_.at(number);
    if (gives_way == GivesWay::now) {
        if (what == Asked::idle) return;
        auto& counts = upstreams_[entry.upstream];
        counts.next_start = now + patience(entry.given_way_before);
        counts.starts_given_way = std::max(counts.starts_given_way, entry.given_way_before + 1);
        return;
    }
    entry.is_asked = false;
    if (what == Asked::silent) entry.is_starting = false;  // That is over by now.
    entry.gives_way_soon = gives_way == GivesWay::soon;
    entry.refused_at = next_++;
}

std::string ProcessLimits::given_way(const Counts& counts, TimePoint now) const {
    const auto left = std::chrono::ceil<std::chrono::seconds>(counts.next_start - now);
    return "the server's program had not answered since it was started when another server needed "
           "its place, and was ended (processes.max); it is started again in " +
           std::to_string(std::max<std::int64_t>(left.count(), 0)) + " s at the earliest";
}

std::string ProcessLimits::why_given_way(const std::string& upstream, TimePoint now) {
    const std::scoped_lock lock(mutex_);
    return given_way(upstreams_[upstream], now);
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
