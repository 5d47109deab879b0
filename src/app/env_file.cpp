#include "app/env_file.hpp"

#include "app/grammar.hpp"
#include "app/text_file.hpp"

#include <optional>
#include <string_view>

namespace gw::app {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// Whether nothing but a comment stands behind a quoted value.
bool is_rest(std::string_view text) {
    text = trimmed(text);
    return text.empty() || text.starts_with('#');
}

std::optional<std::string> quoted_value(std::string_view text) {
    const char quote = text.front();
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == quote) {
            return is_rest(text.substr(at + 1)) ? std::optional(value) : std::nullopt;
        }
        if (quote == '"' && text[at] == '\\' && at + 1 < text.size()) {
            ++at;
            if (text[at] != 'n' && text[at] != '"' && text[at] != '\\') value += '\\';
            value += text[at] == 'n' ? '\n' : text[at];
        } else {
            value += text[at];
        }
    }
    return std::nullopt;
}

std::optional<std::string> value_of(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('"') || text.starts_with('\'')) return quoted_value(text);
    if (text.starts_with('#')) return "";
    return std::string(trimmed(text.substr(0, text.find(" #"))));
}

}  // namespace

Result<std::map<std::string, std::string>> read_env_file(const std::string& name) {
    GW_TRY(const auto text, read_unnamed_file(name));
    std::map<std::string, std::string> variables;
    std::string_view rest = text;
    for (int number = 1; !rest.empty(); ++number) {
        const auto end = std::min(rest.find('\n'), rest.size());
        auto line = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        const auto variable = trimmed(line.substr(0, equals));
        const auto value =
            equals == std::string_view::npos ? std::nullopt : value_of(line.substr(equals + 1));
        if (!is_variable_name(variable) || !value || value->find('\0') != std::string::npos) {
            return fail(
                Errc::invalid_params, "line " + std::to_string(number) + ": expected NAME=value"
            );
        }
        variables.insert_or_assign(std::string(variable), *value);
    }
    return variables;
}

}  // namespace gw::app
