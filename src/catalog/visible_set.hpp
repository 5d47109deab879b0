#pragma once

#include "catalog/part.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace gw::catalog {

// What somebody may see of some parts: a bit for each of their members. What belongs to another
// part is not seen, so a set that is older than a change shows too little and never too much.
// Immutable; all who may see the same can share one.
class VisibleSet {
public:
    // 32 bytes that stand for all that the set holds: two sets with one digest are one.
    using Digest = std::array<unsigned char, 32>;
    using Shows = std::function<bool(Kind kind, const Member& member)>;

    // Asks `shows` once for each member. Parts need not outlive it: none is ever taken for another.
    VisibleSet(std::span<const PartHandle> parts, const Shows& shows);

    // Whether `member`, one of that kind, is seen.
    bool has(Kind kind, const Member& member) const;

    // Whether anything of it is seen.
    bool has_any_of(const Part& part) const;

    const Digest& digest() const { return digest_; }

private:
    using Bits = std::array<std::vector<bool>, kind_count>;

    std::unordered_map<std::uint64_t, Bits> seen_;  // By Part::serial(), where anything is.
    Digest digest_{};
};

// Null: everything is seen.
using VisibleSetHandle = std::shared_ptr<const VisibleSet>;

}  // namespace gw::catalog
