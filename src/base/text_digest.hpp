#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gw {

// Fills `digest`, of 16 to 64 bytes, with a hash of `text` (BLAKE2b), the same everywhere and after
// every restart: two texts with one digest are not found by trying. One of another size is another
// digest, not the begin of a longer one.
void digest_into(std::span<unsigned char> digest, std::string_view text);

// The same as a value.
template <std::size_t size>
std::array<unsigned char, size> text_digest(std::string_view text) {
    static_assert(size >= 16 && size <= 64);
    std::array<unsigned char, size> digest;
    digest_into(digest, text);
    return digest;
}

// In lower-case hexadecimal digits, two for each byte.
std::string to_hex(std::span<const unsigned char> bytes);

}  // namespace gw
