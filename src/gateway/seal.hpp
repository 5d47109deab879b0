#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gw::gateway {

// Makes texts that clients carry and can neither read nor forge (XChaCha20-Poly1305, in base64url).
class Seal {
public:
    using Key = std::array<unsigned char, 32>;

    // `secret` may be shared: the key is derived from it for this purpose, so that what is sealed
    // for one is nothing to another.
    Seal(const Key& secret, std::string_view purpose);

    std::string seal(std::string_view plain) const;

    // Nothing for what seal() did not make.
    std::optional<std::string> open(std::string_view text) const;

private:
    Key key_;
};

}  // namespace gw::gateway
