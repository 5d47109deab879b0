#pragma once

#include <algorithm>
#include <array>
#include <string_view>

// What stands in a JSON Schema (2020-12 and before): all other keywords have a schema, a list of
// schemas, or what is no object.
namespace gw::mcp::impl {

// True when the value is data, in which no schema is.
inline bool is_data_keyword(std::string_view name) {
    constexpr std::array<std::string_view, 5> names{
        "const", "default", "enum", "example", "examples"
    };
    return std::ranges::find(names, name) != names.end();
}

// True when the value is an object that has schemas under names of its own.
inline bool is_map_keyword(std::string_view name) {
    constexpr std::array<std::string_view, 5> names{
        "$defs", "definitions", "dependentSchemas", "patternProperties", "properties"
    };
    return std::ranges::find(names, name) != names.end();
}

}  // namespace gw::mcp::impl
