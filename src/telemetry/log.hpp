#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gw::telemetry {

enum class Level : std::uint8_t { debug, info, warning, error };

// One member of a log line.
struct Field {
    std::string_view name;
    std::string_view value;
    bool is_number = false;
};

enum class Format : std::uint8_t { json, text };

// One line, without its end: time (RFC 3339, UTC), level, event, and the fields. Whatever the
// values hold, it stays one line, and in JSON a valid one.
std::string to_line(
    Format format,
    WallTime when,
    Level level,
    std::string_view event,
    std::initializer_list<Field> fields
);

}  // namespace gw::telemetry
