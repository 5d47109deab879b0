#pragma once

#include "catalog/part.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace gw::catalog {

// The members of all parts of a view by their names. Immutable: with() makes another one that
// shares all buckets but those that have to differ, so what one server changes costs the same
// whatever others list.
class NameTable {
public:
    using Members = std::span<const Member* const>;  // All with one name; at least two.
    using Lists = std::vector<const std::vector<Member>*>;

    // This without the members in `gone`, and with those in `come`. Members stay where they are as
    // long as any table has them.
    NameTable with(const Lists& gone, const Lists& come) const;

    // The only member with this name; null when none has it, or more than one.
    const Member* find(std::string_view name) const;

    // Calls `take` for each name that more than one member has.
    void each_shared(const std::function<void(Members)>& take) const;

private:
    struct Claim {
        std::size_t hash;  // Of the member's name.
        const Member* member;
    };

    struct Bucket {
        std::vector<Claim> claims;  // By hash, then by name.
        std::vector<std::uint32_t>
            shared_begin;  // Where those of one name begin, if they are many.
    };

    static std::size_t first_of(const std::vector<Claim>& claims, std::size_t hash);
    static bool is_before(const Claim& a, const Claim& b);
    static std::shared_ptr<const Bucket> make_bucket(std::vector<Claim> claims);

    std::size_t number_of(std::size_t hash) const { return hash & (buckets_.size() - 1); }

    NameTable in_buckets(std::size_t count, const Lists& gone, const Lists& come) const;

    std::vector<std::shared_ptr<const Bucket>> buckets_;  // A power of two, or none; null: empty.
    std::size_t size_ = 0;                                // Members.
};

}  // namespace gw::catalog
