#include "app/unknown_variables.hpp"

#include "app/grammar.hpp"
#include "app/nearest.hpp"
#include "app/variable_settings.hpp"

#include <algorithm>
#include <array>

namespace gw::app {
namespace {

bool starts_with_any(std::string_view name, std::span<const std::string_view> beginnings) {
    return std::ranges::any_of(beginnings, [&](auto beginning) {
        return name.starts_with(beginning);
    });
}

bool is_unknown(std::string_view name) {
    // The token of `list` and `call`, and what Kubernetes sets for a Service named bascule.
    constexpr auto others = std::to_array<std::string_view>(
        {"BASCULE_TOKEN", "BASCULE_SERVICE_HOST", "BASCULE_SERVICE_PORT", "BASCULE_PORT"}
    );
    return name.starts_with("BASCULE_") && is_variable_name(name) &&
           find_setting_of_variable(name) == nullptr && !starts_with_any(name, others);
}

std::string nearest_variable(std::string_view name) {
    std::vector<std::string> variables;
    for (const auto& setting : settings_table())
        if (!is_of_entry(setting)) variables.push_back(variable_name(setting));
    Nearest nearest(name);
    for (const auto& variable : variables)
        nearest.consider(variable);
    return std::string(nearest.best());
}

std::string described(const std::string& name) {
    constexpr auto entries =
        std::to_array<std::string_view>({"BASCULE_UPSTREAMS_", "BASCULE_SERVERS_"});
    if (starts_with_any(name, entries)) return name + " (only a file says that)";
    return name + " (the nearest is " + nearest_variable(name) + ")";
}

}  // namespace

void warn_of_unknown_variables(
    const std::vector<std::string>& set, const VariableNames& asked_for, Report& report
) {
    FileReport environment("the environment", report);
    for (const auto& name : set)
        if (is_unknown(name) && !asked_for.contains(name)) {
            environment.passed_over(described(name.substr(0, 100)));
        }
    environment.tell_passed_over();
}

}  // namespace gw::app
