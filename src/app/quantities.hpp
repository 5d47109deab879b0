#pragma once

#include "app/settings.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Numbers with units, as they are written in a configuration file.
namespace gw::app {

// digits := 1*DIGIT, and no more than fits.
std::optional<std::size_t> parse_count(std::string_view text);

// time := digits ( "ms" | "s" | "m" | "h" )
std::optional<Time> parse_time(std::string_view text);

// size := digits [ "KiB" | "MiB" | "GiB" ], bytes without a unit
std::optional<std::size_t> parse_bytes(std::string_view text);

// In the largest unit that loses nothing; reads back as the same value.
std::string time_text(Time time);
std::string bytes_text(std::size_t bytes);

}  // namespace gw::app
