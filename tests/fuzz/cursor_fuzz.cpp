// What is opened was sealed by us, and is sealed to the same cursor again; one bit more or less
// makes it somebody else's.
#include "base/assert.hpp"
#include "catalog/cursor.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gw::catalog {
namespace {

const CursorSeal seal(CursorSeal::Key{7, 7, 7});
const CursorSeal other(CursorSeal::Key{7, 7, 8});

Position position_from(std::string_view bytes) {
    Position position;
    unsigned char kind = 0;
    std::memcpy(&kind, bytes.data(), 1);
    position.kind = static_cast<Kind>(kind % kind_count);
    std::memcpy(&position.generation, bytes.data() + 1, 8);
    std::memcpy(&position.offset, bytes.data() + 9, 4);
    return position;
}

// Only what seal() would make is opened.
void check_open(std::string_view text) {
    const auto opened = seal.open(text);
    GW_ASSERT(!opened || seal.seal(*opened) == text);
    GW_ASSERT(!opened || !other.open(text));
}

void check_seal(std::string_view bytes) {
    const auto position = position_from(bytes);
    const auto cursor = seal.seal(position);
    const auto opened = seal.open(cursor);
    GW_ASSERT(opened && *opened == position);
    auto forged = cursor;
    const auto which = static_cast<unsigned char>(bytes[13]);
    auto& byte = forged[which % forged.size()];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (which % 7U)));
    GW_ASSERT(!seal.open(forged));
    check_open(forged);
}

}  // namespace
}  // namespace gw::catalog

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    gw::catalog::check_open(text);
    if (size >= 14) gw::catalog::check_seal(text);
    return 0;
}
