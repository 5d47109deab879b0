#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>

// Finds the first byte of a class, sixteen at a time where the machine can. Each class says the
// same thing twice: of one byte and of sixteen.
namespace gw::http::impl {

// What ends a run of visible ASCII: anything outside 0x21 to 0x7e.
struct NotVisible {
    static bool holds(unsigned char byte) { return byte <= 0x20 || byte >= 0x7f; }

#if defined(__SSE2__)
    static __m128i hold(__m128i bytes) {
        // Signed, so bytes from 0x80 on are below the space.
        const auto low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));
        return _mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
    }
#endif
};

// What ends a header's name: the colon, or what no name may contain.
struct NameEnd {
    static bool holds(unsigned char byte) { return byte == ':' || NotVisible::holds(byte); }

#if defined(__SSE2__)
    static __m128i hold(__m128i bytes) {
        return _mm_or_si128(NotVisible::hold(bytes), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')));
    }
#endif
};

// RFC 9110, 5.5: what no header's value contains: control bytes other than the tab.
struct Control {
    static bool holds(unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7f; }

#if defined(__SSE2__)
    static __m128i hold(__m128i bytes) {
        const auto low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        const auto tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
        const auto del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
        return _mm_or_si128(_mm_andnot_si128(tab, low), del);
    }
#endif
};

// What ends a line of an event stream.
struct LineEnd {
    static bool holds(unsigned char byte) { return byte == '\r' || byte == '\n'; }

#if defined(__SSE2__)
    static __m128i hold(__m128i bytes) {
        return _mm_or_si128(
            _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))
        );
    }
#endif
};

// The first byte of [at, end) that belongs to Class, or `end`. Never reads at or behind `end`.
template <typename Class>
const char* find(const char* at, const char* end) {
#if defined(__SSE2__)
    for (auto left = end - at; left >= 16; left -= 16, at += 16) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(Class::hold(bytes)));
        if (found != 0) return at + std::countr_zero(found);
    }
#endif
    while (at != end && !Class::holds(static_cast<unsigned char>(*at)))
        ++at;
    return at;
}

}  // namespace gw::http::impl
