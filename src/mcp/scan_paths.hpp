#pragma once

#include "mcp/scan.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace gw::mcp {

// The objects whose members are looked at.
enum class Place : std::uint8_t { root, params, meta, ref, result, result_meta, error, none };

// One member that the gateway reads.
struct Path {
    Place in;
    std::string_view name;
    Part part;
    Place opens = Place::none;  // The place that its value is, when that is an object.

    // Whether null is the same as nothing: in what a client asks for, where each member that has to
    // be there is looked at, and not in what servers answer, where it is a value like others.
    bool is_absent_when_null() const {
        return in == Place::params || in == Place::meta || in == Place::ref ||
               part == Part::params || part == Part::error;
    }
};

// All of them.
std::span<const Path> paths();

// What a name in a message stands for.
struct Found {
    const Path* path = nullptr;  // Null when the name is none of ours.
    bool is_exact = false;       // False: not the name, but what another reader could take for it.
};

// The path in `place` that `name` stands for. `name` is checked JSON text in its quotes; it
// `is_plain` when it is ASCII without escapes.
Found find_path(Place place, std::string_view name, bool is_plain);

}  // namespace gw::mcp
