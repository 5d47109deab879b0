#include "telemetry/labels.hpp"

#include <string>

namespace gw::telemetry {

namespace {

constexpr std::array<std::string_view, 2> eras{"sessions", "stateless"};
constexpr std::array<std::string_view, 6> outcomes{
    "result", "input_required", "error", "failed", "timed_out", "cancelled"
};
constexpr std::array<std::string_view, 4> kinds{"tools", "prompts", "resources", "templates"};

}  // namespace

std::string_view name_of(Label label) {
    switch (label) {
        case Label::none: return "";
        case Label::upstream: return "upstream";
        case Label::http_method:
        case Label::mcp_method: return "method";
        case Label::status: return "status";
        case Label::era: return "era";
        case Label::outcome: return "outcome";
        case Label::reason: return "reason";
        case Label::kind: return "kind";
        case Label::version: return "version";
    }
    return "";
}

std::string value_of(Label label, std::size_t place) {
    const auto of = [place](const auto& texts) { return std::string(texts.at(place)); };
    switch (label) {
        case Label::none:
        case Label::upstream:
        case Label::version: return {};
        case Label::http_method: return of(http_method_names);
        case Label::mcp_method: return of(mcp_method_names);
        case Label::status:
            if (place == Status::codes.size()) return "other";
            return std::to_string(Status::codes.at(place));
        case Label::era: return of(eras);
        case Label::outcome: return of(outcomes);
        case Label::reason: return std::string(to_string(static_cast<Errc>(place)));
        case Label::kind: return of(kinds);
    }
    return {};
}

}  // namespace gw::telemetry
