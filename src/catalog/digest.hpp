#pragma once

#include <cstdint>

namespace gw::catalog {

// Takes one more value into `digest`, which changes with every value and its place. Equal lists
// have equal digests; who wants others to have one can find some, so nothing that matters for
// safety hangs on it.
inline void mix(std::uint64_t& digest, std::uint64_t value) {
    digest = (digest ^ value) * 0x9E3779B97F4A7C15;
    digest ^= digest >> 32U;
}

}  // namespace gw::catalog
