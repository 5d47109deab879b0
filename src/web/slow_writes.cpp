#include "web/slow_writes.hpp"

#include <string>

namespace gw::web {

namespace {

constexpr std::chrono::seconds patience{3};  // A pace can be told by then.
constexpr std::size_t little = std::size_t{16} * 1024;

using Seconds = std::chrono::duration<double>;

// Whether it would take longer than `time_max` in all.
bool is_slow(const SlowWrite& write, TimePoint now, Seconds time_max) {
    if (now - write.since < patience) return false;
    const auto taken = static_cast<double>(write.size - write.left);
    return Seconds(now - write.since) * static_cast<double>(write.size) > time_max * taken;
}

// What a byte costs is how long it stays.
double cost_of(const SlowWrite& write, TimePoint now) {
    return static_cast<double>(write.held()) * Seconds(now - write.since).count();
}

}  // namespace

SlowWrite* SlowWrites::find_slowest(TimePoint now, std::chrono::milliseconds time_max) {
    SlowWrite* slowest = nullptr;
    for (auto& write : writes_) {
        if (write.is_cut || write.held() < little || !is_slow(write, now, time_max)) continue;
        if (slowest == nullptr || cost_of(write, now) > cost_of(*slowest, now)) slowest = &write;
    }
    return slowest;
}

bool SlowWrites::cut(
    std::size_t wanted, TimePoint now, std::chrono::milliseconds time_max, const Log& log
) {
    std::size_t freed = 0;
    for (auto& write : writes_) {
        if (write.is_cut) freed += write.held();
    }
    while (freed < wanted) {
        auto* const slowest = find_slowest(now, time_max);
        if (slowest == nullptr) break;
        slowest->is_cut = true;
        freed += slowest->held();
        log("a slow client, " + std::string(slowest->client) + ", is cut off to make room for " +
            std::to_string(slowest->held()) + " bytes (streams.buffered_bytes_max)");
        slowest->stream.close();
    }
    return freed > 0;
}

}  // namespace gw::web
