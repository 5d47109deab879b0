#include "base/ascii.hpp"

#include <algorithm>

namespace gw {

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = to_lower(c);
    return lower;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    constexpr auto lower = [](char c) { return to_lower(c); };
    return a == b || std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace gw
