#pragma once

#include <string>
#include <string_view>

// Letters of ASCII without regard to their case. All other bytes stand for themselves, so that text
// in UTF-8 stays what it is, and the locale does not matter.
namespace gw {

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

std::string to_lower(std::string_view text);

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace gw
