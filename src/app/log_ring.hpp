#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gw::app {

// Log lines on their way from the thread that makes them to the one that writes them. Neither ever
// waits for the other: what finds no room is dropped, and counted.
class LogRing {
public:
    static constexpr std::size_t bytes_max = 256 * 1024;

    // NOLINTNEXTLINE(modernize-avoid-c-arrays): not cleared.
    LogRing() : bytes_(std::make_unique_for_overwrite<char[]>(bytes_max)) {}

    // Of the thread that makes them.
    void put(std::string_view line);

    // Of the thread that writes them, as the rest. The oldest bytes are copied into `place`, as
    // many as there are and fit; they stay until they are taken away.
    std::size_t peek(std::span<char> place) const;
    void take(std::size_t size);

    bool is_empty() const { return put_.load() == taken_.load(std::memory_order_relaxed); }

    // How many lines were dropped since this was asked last.
    std::uint64_t take_dropped();

    // How many were dropped so far. From any thread.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    std::unique_ptr<char[]> bytes_;  // NOLINT(*-avoid-c-arrays): a buffer without initial values.
    // How many bytes ever came and went, each written by one of the two threads only.
    alignas(64) std::atomic<std::uint64_t> put_ = 0;
    std::atomic<std::uint64_t> dropped_ = 0;
    alignas(64) std::atomic<std::uint64_t> taken_ = 0;
    std::uint64_t told_ = 0;  // Of dropped_.
};

}  // namespace gw::app
