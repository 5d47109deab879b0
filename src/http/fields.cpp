#include "http/fields.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace gw::http {

namespace {

constexpr std::array<std::string_view, field_count> names{
    "host",
    "origin",
    "authorization",
    "accept",
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "expect",
    "upgrade",
    "mcp-session-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "last-event-id",
    "allow",
    "keep-alive",
    "retry-after",
    "www-authenticate",
    "location",
    "user-agent",
    "traceparent",
    "access-control-request-method",
    "access-control-request-headers",
    "x-upstream-authorization",
};

// same_name() compares at least four bytes at once.
static_assert(std::ranges::all_of(names, [](auto name) { return name.size() >= 4; }));

// A table without collisions, by length, first and last letter. The multipliers are found by the
// compiler, so a new field needs no thought.
struct Index {
    std::size_t by_size = 0;
    std::size_t by_first = 0;
    std::array<std::uint8_t, 64> fields{};

    constexpr std::size_t slot(std::string_view name) const {
        const auto first = static_cast<unsigned char>(name.front()) | 0x20U;
        const auto last = static_cast<unsigned char>(name.back()) | 0x20U;
        return (name.size() * by_size + first * by_first + last) % fields.size();
    }

    constexpr bool fill() {
        fields.fill(static_cast<std::uint8_t>(Field::count));
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto& field = fields[slot(names[i])];
            if (field != static_cast<std::uint8_t>(Field::count)) return false;
            field = static_cast<std::uint8_t>(i);
        }
        return true;
    }
};

consteval Index make_index() {
    for (std::size_t by_size = 1; by_size < 64; ++by_size) {
        for (std::size_t by_first = 1; by_first < 64; ++by_first) {
            Index index{.by_size = by_size, .by_first = by_first};
            if (index.fill()) return index;
        }
    }
    throw "no table without collisions";
}

constexpr auto index = make_index();

template <typename Word>
bool same_word(std::string_view name, std::string_view known, std::size_t at) {
    Word a;
    Word b;
    std::memcpy(&a, &name[at], sizeof a);
    std::memcpy(&b, &known[at], sizeof b);
    return (a | static_cast<Word>(0x2020202020202020)) == b;
}

// Both have the same size. Setting 0x20 folds letters; besides them it only turns a carriage
// return into the dash, and a name holds none. The last word overlaps the one before.
bool same_name(std::string_view name, std::string_view known) {
    const auto size = known.size();
    if (size < 8) {
        return same_word<std::uint32_t>(name, known, 0) &&
               same_word<std::uint32_t>(name, known, size - 4);
    }
    for (std::size_t at = 0; at + 8 < size; at += 8) {
        if (!same_word<std::uint64_t>(name, known, at)) return false;
    }
    return same_word<std::uint64_t>(name, known, size - 8);
}

}  // namespace

std::string_view to_string(Field field) {
    return names.at(static_cast<std::size_t>(field));
}

Field field_of(std::string_view name) {
    if (name.empty()) return Field::count;
    const auto found = index.fields[index.slot(name)];
    if (found == static_cast<std::uint8_t>(Field::count)) return Field::count;
    const auto known = names[found];
    if (known.size() != name.size() || !same_name(name, known)) return Field::count;
    return static_cast<Field>(found);
}

}  // namespace gw::http
