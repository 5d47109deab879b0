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

// What Kubernetes sets for a Service named bascule: BASCULE_PORT=tcp://10.0.0.1:80,
// BASCULE_PORT_80_TCP_ADDR, BASCULE_SERVICE_PORT_HTTP and the like.
bool is_of_kubernetes(std::string_view name, std::string_view value) {
    constexpr auto services =
        std::to_array<std::string_view>({"BASCULE_SERVICE_HOST", "BASCULE_SERVICE_PORT"});
    if (starts_with_any(name, services)) return true;
    constexpr std::string_view port = "BASCULE_PORT";
    if (name == port) return value.contains("://");
    const auto digit = name.substr(std::min(name.size(), port.size() + 1), 1);
    return name.starts_with("BASCULE_PORT_") && digit >= "0" && digit <= "9";
}

bool is_unknown(std::string_view name, std::string_view value) {
    // The token is that of `list` and `call`.
    return name.starts_with("BASCULE_") && is_variable_name(name) && name != "BASCULE_TOKEN" &&
           find_setting_of_variable(name) == nullptr && !is_of_kubernetes(name, value);
}

std::string nearest_variable(std::string_view name) {
    if (name == "BASCULE_PORT" || name == "BASCULE_HOST") return "BASCULE_LISTEN";
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
    const Environment& environment, const VariableNames& asked_for, Report& report
) {
    FileReport variables("the environment", report);
    for (const auto& name : environment.names()) {
        if (!asked_for.contains(name) && is_unknown(name, environment(name).value_or(""))) {
            variables.passed_over(described(name.substr(0, 100)));
        }
    }
    variables.tell_passed_over();
}

}  // namespace gw::app
