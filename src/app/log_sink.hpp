#pragma once

#include "app/log_output.hpp"
#include "app/log_ring.hpp"
#include "app/settings.hpp"
#include "base/clock.hpp"
#include "telemetry/log.hpp"

#include <atomic>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string_view>
#include <thread>
#include <vector>

namespace gw::app {

class LogSink;

// The log for one thread: a line is made and handed over without a lock, a system call (but to wake
// a writer that sleeps) or an allocation.
class LogChannel {
public:
    void write(
        telemetry::Level level,
        telemetry::Name event,
        std::initializer_list<telemetry::Field> fields = {}
    );

private:
    friend class LogSink;

    explicit LogChannel(LogSink& sink) : sink_(sink) {}

    LogSink& sink_;
    telemetry::Line line_;
    LogRing ring_;
};

// The log. A thread of its own writes the lines of all channels, so that a reader that stands still
// and a disk that is full stop nobody: lines are dropped then, and how many is logged as soon as
// something can be.
class LogSink {
public:
    // Lines go to `descriptor`. Signals that others take must be blocked by now.
    LogSink(const Log& settings, const Clock& clock, int descriptor);

    LogSink(const LogSink&) = delete;
    LogSink& operator=(const LogSink&) = delete;

    // Writes what there is, if that takes less than a second.
    ~LogSink();

    // Other settings for the lines to come.
    void set(const Log& settings);

    // How many lines found no room so far. From any thread.
    std::uint64_t dropped();

    // A channel for one thread; it lives as long as this.
    LogChannel& add_channel();

    // From any thread, for lines that are rare.
    void write(
        telemetry::Level level,
        telemetry::Name event,
        std::initializer_list<telemetry::Field> fields = {}
    );

private:
    friend class LogChannel;

    enum class Outcome { nothing, written, stalled };

    void run();
    Outcome write_all();
    Outcome write_lines(LogRing& ring);
    bool is_late() const;
    void sleep();
    void wake();
    std::vector<LogChannel*> channels();

    const Clock& clock_;
    std::atomic<LogLevel> level_;
    std::atomic<LogFormat> format_;
    LogOutput output_;
    LogChannel notes_;  // Of the writer itself.

    std::mutex mutex_;  // Of what follows, and of the use of the first channel.
    std::vector<std::unique_ptr<LogChannel>> channels_;

    std::atomic<bool> is_asleep_ = false;
    TimePoint end_by_;  // Before is_ending_.
    std::atomic<bool> is_ending_ = false;
    std::binary_semaphore awake_{0};
    std::thread thread_;
};

}  // namespace gw::app
