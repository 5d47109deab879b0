#include "app/foreign_variables.hpp"

#include "app/grammar.hpp"

#include <filesystem>

namespace gw::app {
namespace {

std::string with_braces(std::string text) {
    for (const std::string_view opening : {"{env:", "{file:"}) {
        for (auto at = text.find(opening); at != std::string::npos;
             at = text.find(opening, at + opening.size() + 1)) {
            if (at == 0 || text[at - 1] != '$') text.insert(at, 1, '$');
        }
    }
    return text;
}

// $NAME between the ends of the text and spaces.
std::string with_words(const std::string& text, const Environment& environment) {
    std::string result;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        const auto word = std::string_view(text).substr(at, end - at);
        const bool is_variable = word.starts_with('$') && is_variable_name(word.substr(1)) &&
                                 environment(word.substr(1));
        if (is_variable) {
            result.append("${").append(word.substr(1)).append("}");
        } else {
            result += word;
        }
        if (end < text.size()) result += ' ';
        at = end + 1;
    }
    return result;
}

}  // namespace

std::optional<std::string> editor_variable(
    std::string_view name, const std::string& workspace, const Environment& environment
) {
    if (name == "workspaceFolder") return workspace;
    if (name == "workspaceFolderBasename") return std::filesystem::path(workspace).filename();
    if (name == "userHome") return environment("HOME");
    if (name == "cwd") return workspace;
    if (name == "pathSeparator") return "/";
    return std::nullopt;
}

void to_our_spelling(Node& node, bool has_braces, const Environment& environment) {
    if (node.kind == Node::Kind::scalar) {
        if (has_braces) node.text = with_braces(std::move(node.text));
        node.text = with_words(node.text, environment);
    }
    for (auto& entry : node.entries)
        to_our_spelling(entry.value, has_braces, environment);
}

Workspace workspace_of(const std::string& file, const std::string& folder) {
    const auto place = (std::filesystem::path(folder) / file).lexically_normal().parent_path();
    const auto last = place.filename();
    if (last == ".vscode" || last == ".cursor") return {place.parent_path(), true};
    return {place, false};
}

}  // namespace gw::app
