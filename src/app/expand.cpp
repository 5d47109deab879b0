#include "app/expand.hpp"

#include "app/grammar.hpp"

namespace gw::app {
namespace {

// The value of what stands between the braces.
Result<std::string> value_of(std::string_view inner, const Environment& environment) {
    const auto written = "${" + std::string(inner) + "}";
    constexpr std::string_view input = "input:";
    if (inner.starts_with(input)) {
        const auto name = std::string(inner.substr(input.size()));
        return fail(
            Errc::invalid_params,
            written + " asks a user, and nobody sits here: set a variable and write ${env:" + name +
                "}"
        );
    }
    if (inner.starts_with("env:")) inner.remove_prefix(4);
    const auto name = inner.substr(0, inner.find(":-"));
    if (!is_variable_name(name)) {
        return fail(Errc::invalid_params, written + " is not the name of a variable");
    }
    if (auto value = environment(name)) return std::move(*value);
    if (name.size() != inner.size()) return std::string(inner.substr(name.size() + 2));
    return fail(Errc::invalid_params, "the variable " + std::string(name) + " is not set");
}

}  // namespace

Result<std::string> expand(std::string_view text, const Environment& environment) {
    std::string result;
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            result += "${";
            text.remove_prefix(3);
        } else if (text.starts_with("${")) {
            const auto end = text.find('}');
            if (end == std::string_view::npos) {
                return fail(Errc::invalid_params, R"("${" without "}")");
            }
            GW_TRY(const auto value, value_of(text.substr(2, end - 2), environment));
            result += value;
            text.remove_prefix(end + 1);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

}  // namespace gw::app
