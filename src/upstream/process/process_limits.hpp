#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/process/process_command.hpp"
#include "upstream/process/start_queue.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace gw::upstream {

// Who has a process, for others who need its place.
struct ProcessHolder {
    std::string owner;      // The principal for whom it runs; empty: the gateway itself.
    bool is_spare = false;  // It runs for nobody yet.

    // Begins to end it and is true, unless it is in use. Called by what `submit` runs, which is
    // where it belongs; may be empty.
    std::function<bool()> give_up = nullptr;
    std::function<void(std::move_only_function<void()>)> submit = nullptr;
};

// What the child processes of all shards share: how many there may be, which of them ends when
// another needs its place, how soon one that crashed is started again, how many start at the same
// time, and what of our environment they get. Any thread may use it.
class ProcessLimits {
    struct Entry;

public:
    // `environment` is what children get of ours. From then on the program ignores SIGPIPE: to
    // write to a child that has gone is an error and must not end us.
    ProcessLimits(const Limits& limits, Variables environment);
    ~ProcessLimits();

    ProcessLimits(const ProcessLimits&) = delete;
    ProcessLimits& operator=(const ProcessLimits&) = delete;

    // The right to run one process, for as long as this lives.
    class Slot {
    public:
        Slot(Slot&& other) noexcept
            : limits_(std::exchange(other.limits_, nullptr)), entry_(other.entry_) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (limits_ != nullptr) limits_->give_back(*entry_);
        }

        // Not to be used before: it waits longer after each crash.
        TimePoint start_at() const;

        // The process is used now.
        void touch(TimePoint now);

        // Another has the process from now on. False, and nothing has changed, when it is being
        // given up. To be called where the holder before belongs.
        bool change_holder(ProcessHolder holder);

    private:
        friend class ProcessLimits;

        Slot(ProcessLimits& limits, Entry& entry) : limits_(&limits), entry_(&entry) {}

        ProcessLimits* limits_;
        Entry* entry_;
    };

    // Errc::too_many at a limit, with the name of the setting; Errc::upstream_failed while it has
    // crashed as often as it may.
    Result<Slot> take(const std::string& upstream, TimePoint now, ProcessHolder holder = {});

    // One search for room, by somebody whom take() has refused.
    struct Search {
        std::uint64_t asked = 0;  // The process whose holder was asked last.
        std::uint64_t begun = 0;  // Who refused before that is asked again.
    };

    // Asks the holder of one process to give it up: first a spare one; then one of the gateway
    // itself, whose end loses nothing; then of those of the same owner, then of the owner with the
    // most, the one that was used longest ago. True while that process ends; then take() may
    // succeed. False when none is left that could.
    bool make_room(const std::string& upstream, const std::string& owner, Search& search);

    // A process of `upstream` ended by itself.
    void note_crash(const std::string& upstream, TimePoint now);

    // Processes at the moment, those that are being ended too.
    std::size_t running();

    // Those of them that run for nobody yet.
    std::size_t spares();

    const Variables& environment() const { return environment_; }

    StartQueue& starts() { return starts_; }

private:
    struct Counts {
        std::size_t running = 0;
        std::deque<TimePoint> crashes;  // Within the window, oldest first.
    };

    Entry* choose(const std::string& upstream, const std::string& owner, std::uint64_t since);
    void ask(std::uint64_t number);
    void give_back(const Entry& entry);
    void forget_old(Counts& counts, TimePoint now) const;

    const Limits& limits_;
    Variables environment_;
    StartQueue starts_;

    // State below is protected by mutex_.
    std::mutex mutex_;
    std::map<std::string, Counts> upstreams_;
    std::map<std::uint64_t, Entry> entries_;  // Of all processes, by number.
    std::uint64_t next_ = 1;                  // Of entries and refusals: what is later is larger.
};

}  // namespace gw::upstream
