#include "telemetry/log.hpp"

#include "base/json.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace gw::telemetry {

namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

std::string rfc3339(WallTime when) {
    using namespace std::chrono;
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const hh_mm_ss time(floor<milliseconds>(when - day));
    std::array<char, 64> text;
    const auto size = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count())
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string to_line(
    Format format,
    WallTime when,
    Level level,
    std::string_view event,
    std::initializer_list<Field> fields
) {
    const auto level_name = level_names.at(static_cast<std::size_t>(level));
    std::string line;
    if (format == Format::json) {
        line.append(R"({"time":")").append(rfc3339(when)).append(R"(","level":")");
        line.append(level_name).append(R"(","event":)").append(json::quoted(event));
        for (const auto& field : fields) {
            line.append(",").append(json::quoted(field.name)).append(":");
            line += field.is_number ? std::string(field.value) : json::quoted(field.value);
        }
        return line + "}";
    }
    line.append(rfc3339(when)).append(" ").append(level_name).append(" ").append(event);
    for (const auto& field : fields) {
        line.append(" ").append(field.name).append("=");
        line += field.is_number ? std::string(field.value) : json::quoted(field.value);
    }
    return line;
}

}  // namespace gw::telemetry
