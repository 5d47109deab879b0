#pragma once

#include "base/text_hash.hpp"
#include "catalog/name_table.hpp"
#include "catalog/part.hpp"
#include "catalog/source.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gw::catalog {

// What a view shows of one kind: by which names, and in which order. It refers to the members of
// parts, which its view holds. Immutable once it was made.
class KindView {
public:
    using Problems = std::vector<std::string>;

    // What it is made of.
    struct Base {
        std::span<const Source> sources;
        std::span<const PartHandle> parts;  // Of each source.
        const Naming& naming;
        std::vector<PartHandle> gone = {};  // Parts of the view before that this one has not.
        std::vector<PartHandle> come = {};  // Parts that the view before had not.
    };

    KindView() = default;

    // `chosen`: names of what is shown; empty shows all. `before`: the same kind in the view that
    // Base tells the differences to. `problems` collects what is left out.
    KindView(
        Kind kind,
        const Base& base,
        const std::vector<std::string>& chosen,
        const KindView& before,
        Problems& problems
    );

    // What is shown by this name; null when nothing is.
    const Member* find(std::string_view name) const;

    // The name of one that is shown, and what belongs to it.
    const Entry& entry(const Member& member) const;

    // False for one that the view leaves out, and for one that another of its name has displaced.
    bool is_shown(const Member& member) const;

    // How many are shown.
    std::uint32_t size() const;

    // Calls `take` for those that are shown, from the one with this number on, until it is false.
    void each_from(std::uint32_t begin, const std::function<bool(const Member&)>& take) const;

    // How many are shown of these, the first ones of its sources.
    std::uint32_t begin_after(std::span<const Source> sources) const;

    // Differs when what is shown does.
    std::uint64_t digest() const { return digest_; }

private:
    struct Building;

    const Member* member(std::string_view name) const;
    void settle(const Building& building, NameTable::Members members);
    void rename(const Building& building, const Member& member);
    void drop(const Building& building, const Member& member, const Member& has_it);
    void choose(const Building& building, const std::vector<std::string>& chosen);
    void count(const Building& building);

    NameTable table_;
    // Members whose name was another one's too.
    std::unordered_map<const Member*, Entry> renamed_;
    // Names that several have, or that were given for that reason. They come before the table.
    std::unordered_map<std::string, const Member*, TextHash, std::equal_to<>> settled_;
    std::unordered_set<const Member*> dropped_;  // Another one has the name.
    std::unordered_set<std::string, TextHash, std::equal_to<>> chosen_;
    std::vector<const Member*> listed_;  // If some are chosen: these, in order.
    // Else the members of each source, and how many are listed before them; one more in all.
    std::vector<const std::vector<Member>*> lists_;
    std::vector<std::uint32_t> first_;
    std::uint64_t digest_ = 0;
};

}  // namespace gw::catalog
