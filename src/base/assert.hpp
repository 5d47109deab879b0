#pragma once

namespace gw::impl {

// Writes the condition and its place to stderr, and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace gw::impl

// An invariant, checked in release builds too: a crash with a line beats wrong data. Never on
// input, which fails with a Result.
#define GW_ASSERT(condition) \
    ((condition) ? void() : ::gw::impl::assertion_failed(#condition, __FILE__, __LINE__))
