#include "app/expand.hpp"

#include "app/grammar.hpp"

#include <array>

namespace gw::app {
namespace {

// A variable of another program, by how it begins, and what that program puts in its place.
struct Foreign {
    std::string_view prefix;
    std::string_view reason;
};

constexpr std::array foreign = std::to_array<Foreign>({
    {"input:", " is a question to the user of an editor: set a variable and write ${NAME}"},
    {"file:", " is the content of a file: set a variable and write ${NAME}"},
    {"command:", " is a command of an editor: set a variable and write ${NAME}"},
    {"{", "} is a secret of another program: set a variable and write ${NAME}"},
    {"workspaceFolder:", " is one of several folders of an editor: write the folder itself"},
});

constexpr int depth_max = 8;  // Of defaults within defaults.

Result<std::string> expand(std::string_view text, const Environment& environment, int depth);

// Where the variable ends with which `text` begins; npos when it does not.
std::size_t end_of(std::string_view text) {
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("$${")) {
            i += 2;
        } else if (text.substr(i).starts_with("${")) {
            ++open;
            ++i;
        } else if (text[i] == '}' && --open == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

// The value of what stands between the braces.
Result<std::string> value_of(std::string_view inner, const Environment& environment, int depth) {
    const auto written = "${" + std::string(inner) + "}";
    for (const auto& [prefix, reason] : foreign) {
        if (!inner.starts_with(prefix)) continue;
        return fail(Errc::invalid_params, written + std::string(reason));
    }
    if (inner == "/") return "/";
    if (inner.starts_with("env:")) inner.remove_prefix(4);
    const auto name = inner.substr(0, inner.find(":-"));
    if (!is_variable_name(name)) {
        return fail(Errc::invalid_params, written + " is not the name of a variable");
    }
    if (auto value = environment(name)) return std::move(*value);
    if (name.size() != inner.size()) {
        return expand(inner.substr(name.size() + 2), environment, depth + 1);
    }
    return fail(Errc::invalid_params, "the variable " + std::string(name) + " is not set");
}

Result<std::string> expand(std::string_view text, const Environment& environment, int depth) {
    if (depth > depth_max) {
        return fail(Errc::invalid_params, "defaults within defaults are too many");
    }
    std::string result;
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            result += "${";
            text.remove_prefix(3);
        } else if (text.starts_with("${")) {
            const auto end = end_of(text);
            if (end == std::string_view::npos) {
                return fail(Errc::invalid_params, R"("${" without "}")");
            }
            GW_TRY(const auto value, value_of(text.substr(2, end - 2), environment, depth));
            result += value;
            text.remove_prefix(end + 1);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

}  // namespace

Result<std::string> expand(std::string_view text, const Environment& environment) {
    return expand(text, environment, 0);
}

}  // namespace gw::app
