#include "app/quantities.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace gw::app {
namespace {

struct Unit {
    std::string_view name;
    std::size_t size;
};

// Largest first; a unit that is the end of another's name stands behind it.
constexpr std::array time_units =
    std::to_array<Unit>({{"h", 3'600'000}, {"m", 60'000}, {"ms", 1}, {"s", 1000}});
constexpr std::array byte_units =
    std::to_array<Unit>({{"GiB", gib}, {"MiB", mib}, {"KiB", kib}, {"", 1}});

std::optional<std::size_t> parse(std::string_view text, std::span<const Unit> units) {
    for (const auto& unit : units) {
        if (!text.ends_with(unit.name)) continue;
        const auto count = parse_count(text.substr(0, text.size() - unit.name.size()));
        if (!count) return std::nullopt;
        constexpr auto most = static_cast<std::size_t>(std::numeric_limits<Time::rep>::max());
        if (*count > most / unit.size) return std::nullopt;
        return *count * unit.size;
    }
    return std::nullopt;
}

std::string text_of(std::size_t value, std::span<const Unit> units) {
    const Unit* best = nullptr;
    for (const auto& unit : units) {
        const bool is_exact = value % unit.size == 0 && (value != 0 || unit.size <= 1000);
        if (is_exact && (best == nullptr || unit.size > best->size)) best = &unit;
    }
    return std::to_string(value / best->size) + std::string(best->name);
}

}  // namespace

std::optional<std::size_t> parse_count(std::string_view text) {
    std::size_t value = 0;
    const auto* begin = text.data();
    const auto* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::optional<Time> parse_time(std::string_view text) {
    const auto value = parse(text, time_units);
    if (!value) return std::nullopt;
    return Time(static_cast<Time::rep>(*value));
}

std::optional<std::size_t> parse_bytes(std::string_view text) {
    return parse(text, byte_units);
}

std::string time_text(Time time) {
    return text_of(static_cast<std::size_t>(time.count()), time_units);
}

std::string bytes_text(std::size_t bytes) {
    return text_of(bytes, byte_units);
}

}  // namespace gw::app
