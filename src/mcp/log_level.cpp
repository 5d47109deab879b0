#include "mcp/log_level.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>

namespace gw::mcp {

namespace {

constexpr std::array<std::string_view, 8> names{
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"
};

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
    const auto* const found = std::ranges::find(names, text);
    if (found == names.end()) return {};
    return static_cast<LogLevel>(found - names.begin());
}

std::string_view to_string(LogLevel level) {
    return names.at(static_cast<std::size_t>(level));
}

bool is_at_least(std::string_view params, LogLevel wanted) {
    const auto object = json::Object::parse(params);
    if (!object) return false;
    const auto level = parse_log_level(object->string("level").value_or(""));
    return !level || *level >= wanted;
}

}  // namespace gw::mcp
