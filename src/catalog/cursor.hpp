#pragma once

#include "base/error.hpp"
#include "base/seal.hpp"
#include "catalog/listing.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::catalog {

// Where a list goes on: in the view that the page before came from, and what has been listed there
// of the server that is next, so that another view can go on without leaving anything out.
struct Position {
    Kind kind = Kind::tools;
    std::uint64_t generation = 0;  // Of that view.
    std::uint32_t offset = 0;      // Items before it,
    std::uint32_t of_source = 0;   // and how many of them are of the same server.
    std::uint64_t source = 0;      // Stands for that server, and for the order of all.
    std::uint64_t names = 0;       // Stands for the names of its items before, in any order.

    bool operator==(const Position&) const = default;
};

// Makes cursors that clients can neither read nor forge, under a key of this process.
class CursorSeal {
public:
    using Key = Seal::Key;

    // `secret` is shared with other seals: the key is derived from it.
    explicit CursorSeal(const Key& secret) : seal_(secret, "bascule cursor") {}

    // The same position gives the same cursor, so pages are stable.
    std::string seal(const Position& position) const;

    // Errc::invalid_params for anything that seal() did not make.
    Result<Position> open(std::string_view cursor) const;

private:
    Seal seal_;
};

}  // namespace gw::catalog
