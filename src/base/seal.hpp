#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

// Makes texts that clients carry and can neither read nor forge (XChaCha20-Poly1305, in base64url).
class Seal {
public:
    using Key = std::array<unsigned char, 32>;

    // `secret` may be shared: the key is derived from it for this purpose, so that what is sealed
    // for one is nothing to another.
    Seal(const Key& secret, std::string_view purpose);

    // Another text each time. `plain` has 196 000 bytes at most, or open() refuses it.
    std::string seal(std::string_view plain) const;

    // The same text whenever it is given the same, for what clients compare. The nonce is a keyed
    // hash of `plain`, so two that differ never share one; what it shows is just that two texts
    // are of the same plain one (the idea of RFC 5297, Deterministic Authenticated Encryption).
    std::string seal_alike(std::string_view plain) const;

    // Nothing for what these two did not make.
    std::optional<std::string> open(std::string_view text) const;

private:
    std::string seal_with(std::string sealed, std::string_view plain) const;

    Key key_;
    Key nonce_key_;
};

}  // namespace gw
