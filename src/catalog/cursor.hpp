#pragma once

#include "base/error.hpp"
#include "catalog/listing.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::catalog {

// Where a list goes on.
struct Position {
    Kind kind = Kind::tools;
    std::uint64_t generation = 0;  // Of the view that the page before came from.
    std::uint32_t offset = 0;      // Items before it.

    bool operator==(const Position&) const = default;
};

// Makes cursors that clients can neither read nor forge (XChaCha20-Poly1305 under a key of this
// process).
class CursorSeal {
public:
    using Key = std::array<unsigned char, 32>;

    explicit CursorSeal(const Key& key) : key_(key) {}

    // The same position gives the same cursor, so pages are stable.
    std::string seal(const Position& position) const;

    // Errc::invalid_params for anything that seal() did not make.
    Result<Position> open(std::string_view cursor) const;

private:
    Key key_;
};

}  // namespace gw::catalog
