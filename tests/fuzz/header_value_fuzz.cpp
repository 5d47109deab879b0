// What is written is visible ASCII and is read as the same; what is read was written in the one
// way in which we write it, unless it is plain.
#include "base/assert.hpp"
#include "mcp/header_value.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::mcp {
namespace {

constexpr auto begin_size = std::string_view("=?base64?").size();
constexpr auto end_size = std::string_view("?=").size();

bool is_visible_or_space(char c) {
    return c >= ' ' && c <= '~';
}

void check_written(std::string_view text) {
    const auto written = encode_header_value(text);
    GW_ASSERT(std::ranges::all_of(written, is_visible_or_space));
    GW_ASSERT(!written.starts_with(' ') && !written.ends_with(' '));
    const auto read = decode_header_value(written);
    // Only what is not UTF-8 is refused.
    GW_ASSERT(!read || *read == text);
    GW_ASSERT(read || !std::ranges::all_of(text, is_visible_or_space));
}

// Each value has one spelling between the marks: another byte there makes another value or none.
void check_read(std::string_view text) {
    const auto read = decode_header_value(text);
    if (!read || *read == text) return;
    check_written(*read);
    for (std::size_t i = begin_size; i + end_size < text.size(); ++i) {
        std::string other(text);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        const auto read_other = decode_header_value(other);
        GW_ASSERT(!read_other || *read_other != *read);
    }
}

}  // namespace
}  // namespace gw::mcp

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    gw::mcp::check_written(text);
    gw::mcp::check_read(text);
    return 0;
}
