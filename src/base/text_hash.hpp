#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace gw {

// For hash tables with std::string as key that are searched by std::string_view, without making a
// string; with std::equal_to<> beside it.
struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>()(text);
    }
};

}  // namespace gw
