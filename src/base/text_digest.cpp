#include "base/text_digest.hpp"

#include <sodium.h>

namespace gw {

void digest_into(std::span<unsigned char> digest, std::string_view text) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    crypto_generichash(digest.data(), digest.size(), bytes, text.size(), nullptr, 0);
}

std::string to_hex(std::span<const unsigned char> bytes) {
    std::string digits(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), bytes.data(), bytes.size());
    digits.pop_back();  // The NUL.
    return digits;
}

}  // namespace gw
