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

// What a process does that is asked to give up its place.
enum class GivesWay : std::uint8_t {
    now,   // It begins to end.
    soon,  // It is in use, but only for the gateway itself, which ends by and by: to be asked
           // again.
    no,    // It is in use, for a client.
};

// Which processes are asked for their place.
enum class Asked : std::uint8_t {
    idle,    // It is to be given up unless it is in use.
    silent,  // It has not answered since it was started: though somebody waits for it.
};

// Who has a process, for others who need its place.
struct ProcessHolder {
    std::string owner;      // The principal for whom it runs; empty: the gateway itself.
    bool is_spare = false;  // It runs for nobody yet.

    // Begins to end the process, unless it is in use. It is called in what was passed to `submit`,
    // on the shard that has the process. Empty: it cannot be given up.
    std::function<GivesWay(Asked)> give_up = nullptr;

    // Runs a function on the shard that has the process. Any thread calls it. Set if give_up is.
    std::function<void(std::move_only_function<void()>)> submit = nullptr;
};

// What the child processes of all shards share: how many there may be, which of them ends when
// another needs its place, how soon one that crashed is started again, how many start at the same
// time, and which of the gateway's variables they get. Any thread may use it. It takes a mutex,
// never for long.
class ProcessLimits {
    struct Entry;

public:
    // `limits` outlives it. `environment` is what children get of ours. The program ignores SIGPIPE
    // from now on: to write to a child that is gone has to be an error, and not end the gateway.
    ProcessLimits(const Limits& limits, Variables environment);
    ~ProcessLimits();

    ProcessLimits(const ProcessLimits&) = delete;
    ProcessLimits& operator=(const ProcessLimits&) = delete;

    // The right to run one process, given back when this is destroyed. The limits outlive it. Only
    // the shard that has the process uses it; it may move to another with the process.
    class Slot {
    public:
        Slot(Slot&& other) noexcept
            : limits_(std::exchange(other.limits_, nullptr)), entry_(other.entry_) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (limits_ != nullptr) limits_->give_back(*entry_);
        }

        // When the process may be started: later after each crash.
        TimePoint start_at() const;

        // The process is used now, so it ends later than others if there has to be room. Takes no
        // lock: it is on the way of calls.
        void touch(TimePoint now);

        // The process is being started for who has it, until it has_started().
        void starts();

        // It works for its start no more, but waits, maybe for ever.
        void is_silent(TimePoint since);

        // It has answered. What was held against the starts of its server is forgotten.
        void has_started();

        // Another has the process from now on. False, and nothing has changed, when its holder was
        // asked to give it up and has not refused. To be called on the shard of that holder.
        bool change_holder(ProcessHolder holder);

    private:
        friend class ProcessLimits;

        Slot(ProcessLimits& limits, Entry& entry) : limits_(&limits), entry_(&entry) {}

        ProcessLimits* limits_;
        Entry* entry_;
    };

    // The right to one more process of `upstream`. Errc::too_many at a limit, with the name of the
    // setting; Errc::upstream_failed when the server has crashed process_restarts_max times within
    // process_restart_window, or one that did not answer has given way lately (see make_room()).
    Result<Slot> take(const std::string& upstream, TimePoint now, ProcessHolder holder = {});

    // One search for room, by somebody whom take() has refused: made anew, passed to each
    // make_room().
    struct Search {
        std::uint64_t asked = 0;  // The process whose holder was asked last.
        // Who has refused since then is not asked again, unless another took what had ended.
        std::uint64_t begun = 0;
    };

    // What is to be expected of a search.
    enum class Room : std::uint8_t {
        comes,  // A process that was asked ends: take() may succeed soon.
        later,  // Nobody is left to ask, but one ends for another search, the gateway's own work
                // will give way, or one that starts may have to: the place may be had then.
        none,   // Nobody is left to ask.
    };

    // Asks the holder of one process to give it up. First comes a spare one; then one that runs for
    // the gateway itself, whose end loses nothing; then one of `owner`; then one of the owner who
    // has most. Of several it is the one that was used longest ago. At the limit of `upstream` only
    // its processes count.
    //
    // Where nothing else is to be had, a process of another server ends that has not answered since
    // it was started, the one that is silent longest, when it has been for patience_min: it may
    // never answer. A start for a client does not give way to the gateway itself. Nothing of that
    // server is started for as long then, so that others come first; and each time in a row it is
    // waited for twice as long, up to patience_max, so that what only starts slowly comes up.
    //
    // It does not wait; to be called again after a while, with a new search unless room comes.
    Room make_room(
        const std::string& upstream, const std::string& owner, Search& search, TimePoint now
    );

    static constexpr std::chrono::seconds patience_min{5};
    static constexpr std::chrono::seconds patience_max{60};

    // Why a start of `upstream` has given way, and when there may be another one.
    std::string why_given_way(const std::string& upstream, TimePoint now);

    // A process of `upstream` ended by itself at `now`.
    void note_crash(const std::string& upstream, TimePoint now);

    // How many slots there are, with those of processes that are being ended.
    std::size_t running();

    // How many of them are of processes that run for nobody yet.
    std::size_t spares();

    // What children get of the gateway's environment. It never changes.
    const Variables& environment() const { return environment_; }

    // Where all who start a process wait for a processor.
    StartQueue& starts() { return starts_; }

private:
    struct Counts {
        std::size_t running = 0;
        std::deque<TimePoint> crashes;  // Within the window, oldest first.
        unsigned starts_given_way = 0;  // In a row.
        TimePoint next_start;           // After these.
    };

    bool is_full(const std::string& upstream);
    bool is_in_the_way(const Entry& entry, const std::string& upstream);
    bool may_end_soon(const std::string& upstream);
    Entry* choose(const std::string& upstream, const std::string& owner, std::uint64_t since);
    Entry* choose_silent(const std::string& upstream, const std::string& owner, TimePoint now);
    bool is_start_awaited(const std::string& upstream, const std::string& owner);
    void ask(std::uint64_t number, Asked what, TimePoint now);
    std::string given_way(const Counts& counts, TimePoint now) const;
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
