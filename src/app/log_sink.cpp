#include "app/log_sink.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

namespace gw::app {

namespace {

using namespace std::chrono_literals;

constexpr auto settle_time = 5ms;  // Lines within it are written together.
constexpr auto try_time = 100ms;   // For one write; then we look whether it is time to end.
constexpr auto end_time = 1s;

}  // namespace

void LogChannel::write(
    telemetry::Level level, telemetry::Name event, std::initializer_list<telemetry::Field> fields
) {
    if (static_cast<int>(level) < static_cast<int>(sink_.level_.load(std::memory_order_relaxed))) {
        return;
    }
    const auto format = sink_.format_.load(std::memory_order_relaxed) == LogFormat::json
                            ? telemetry::Format::json
                            : telemetry::Format::text;
    ring_.put(line_.make(format, sink_.clock_.wall(), level, event, fields));
    sink_.wake();
}

LogSink::LogSink(const Log& settings, const Clock& clock, int descriptor)
    : clock_(clock),
      level_(settings.level),
      format_(settings.format),
      output_(descriptor),
      notes_(*this) {
    add_channel();
    thread_ = std::thread([this] { run(); });
}

LogSink::~LogSink() {
    end_by_ = SystemClock().now() + end_time;  // Also where lines have the time of a test.
    is_ending_ = true;
    wake();
    thread_.join();
}

void LogSink::set(const Log& settings) {
    level_ = settings.level;
    format_ = settings.format;
}

LogChannel& LogSink::add_channel() {
    const std::scoped_lock lock(mutex_);
    channels_.push_back(std::unique_ptr<LogChannel>(new LogChannel(*this)));
    return *channels_.back();
}

void LogSink::write(
    telemetry::Level level, telemetry::Name event, std::initializer_list<telemetry::Field> fields
) {
    const std::scoped_lock lock(mutex_);
    channels_.front()->write(level, event, fields);
}

// The writer says that it sleeps and then looks once more for lines; who has put a line then looks
// whether the writer sleeps. One of the two sees the other.
void LogSink::wake() {
    if (is_asleep_.load() && is_asleep_.exchange(false)) awake_.release();
}

void LogSink::sleep() {
    is_asleep_ = true;
    const auto all = channels();
    const bool has_work = is_ending_ || std::ranges::any_of(all, [](const LogChannel* channel) {
                              return !channel->ring_.is_empty();
                          });
    // Who has set it back in the meantime has released the semaphore, or is about to.
    if (has_work && is_asleep_.exchange(false)) return;
    awake_.acquire();
}

std::uint64_t LogSink::dropped() {
    std::uint64_t all = 0;
    for (const auto* channel : channels())
        all += channel->ring_.dropped();
    return all;
}

std::vector<LogChannel*> LogSink::channels() {
    const std::scoped_lock lock(mutex_);
    std::vector<LogChannel*> all;
    all.reserve(channels_.size());
    for (const auto& channel : channels_)
        all.push_back(channel.get());
    return all;
}

void LogSink::run() {
    while (!is_ending_) {
        switch (write_all()) {
            case Outcome::nothing: sleep(); break;
            case Outcome::written: std::this_thread::sleep_for(settle_time); break;
            case Outcome::stalled: break;  // It has waited.
        }
    }
    while (!is_late() && write_all() != Outcome::nothing)
        continue;
}

bool LogSink::is_late() const {
    return is_ending_ && SystemClock().now() >= end_by_;
}

LogSink::Outcome LogSink::write_all() {
    auto all = Outcome::nothing;
    std::uint64_t dropped = 0;
    for (auto* channel : channels()) {
        const auto outcome = write_lines(channel->ring_);
        if (outcome == Outcome::stalled) return outcome;
        if (outcome == Outcome::written) all = outcome;
        dropped += channel->ring_.take_dropped();
    }
    if (dropped == 0) return all;
    notes_.write(
        telemetry::Level::warning,
        "log lines dropped",
        {{"lines", static_cast<std::int64_t>(dropped)}}
    );
    return write_lines(notes_.ring_);
}

// Writes the lines of one ring, always whole ones: a line must not be continued by another ring.
LogSink::Outcome LogSink::write_lines(LogRing& ring) {
    std::array<char, 64 * 1024> place;
    const auto chunk = std::span(place).first(std::min(place.size(), output_.chunk_max()));
    auto outcome = Outcome::nothing;
    bool is_whole = true;
    for (std::size_t total = 0; total < LogRing::bytes_max || !is_whole;) {
        std::string_view bytes(chunk.data(), ring.peek(chunk));
        if (bytes.empty()) break;
        if (const auto end = bytes.rfind('\n'); end != bytes.npos) bytes = bytes.substr(0, end + 1);
        const auto written = output_.write(bytes, try_time);
        if (written == 0 && (is_whole || is_late())) return Outcome::stalled;
        if (written == 0) continue;
        ring.take(written);
        total += written;
        is_whole = bytes[written - 1] == '\n';
        outcome = Outcome::written;
    }
    return outcome;
}

}  // namespace gw::app
