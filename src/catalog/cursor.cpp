#include "catalog/cursor.hpp"

#include <cstring>

namespace gw::catalog {

namespace {

constexpr std::size_t plain_size = 33;

std::string pack(const Position& position) {
    std::string plain(plain_size, '\0');
    plain[0] = static_cast<char>(position.kind);
    std::memcpy(&plain[1], &position.generation, 8);
    std::memcpy(&plain[9], &position.offset, 4);
    std::memcpy(&plain[13], &position.of_source, 4);
    std::memcpy(&plain[17], &position.source, 8);
    std::memcpy(&plain[25], &position.names, 8);
    return plain;
}

Position unpack(std::string_view plain) {
    Position position;
    position.kind = static_cast<Kind>(plain[0]);
    std::memcpy(&position.generation, &plain[1], 8);
    std::memcpy(&position.offset, &plain[9], 4);
    std::memcpy(&position.of_source, &plain[13], 4);
    std::memcpy(&position.source, &plain[17], 8);
    std::memcpy(&position.names, &plain[25], 8);
    return position;
}

}  // namespace

std::string CursorSeal::seal(const Position& position) const {
    return seal_.seal_alike(pack(position));
}

Result<Position> CursorSeal::open(std::string_view cursor) const {
    const auto plain = seal_.open(cursor);
    if (plain && plain->size() == plain_size) return unpack(*plain);
    return fail(Errc::invalid_params, "\"cursor\" is not one of ours, or has expired");
}

}  // namespace gw::catalog
