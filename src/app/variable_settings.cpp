#include "app/variable_settings.hpp"

#include "app/document.hpp"
#include "app/grammar.hpp"
#include "app/setting_value.hpp"

#include <algorithm>
#include <array>

namespace gw::app {
namespace {

char upper(char c) {
    if (c == '.') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_any_of(std::string_view text, std::span<const std::string_view> upper_words) {
    return std::ranges::any_of(upper_words, [&](std::string_view word) {
        return std::ranges::equal(text, word, {}, upper);
    });
}

// What Python's pydantic takes for a truth value, in upper or lower case.
std::string_view flag_text(std::string_view text) {
    constexpr auto yes = std::to_array<std::string_view>({"TRUE", "1", "YES", "ON", "Y", "T"});
    constexpr auto no = std::to_array<std::string_view>({"FALSE", "0", "NO", "OFF", "N", "F"});
    if (is_any_of(text, yes)) return "true";
    return is_any_of(text, no) ? "false" : text;
}

Node scalar(std::string_view text) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = text;
    return node;
}

// "[" also begins an IPv6 address.
bool is_json_list(std::string_view text) {
    if (!text.starts_with('[')) return false;
    const auto next = text.find_first_not_of(" \t\r\n", 1);
    return next != std::string_view::npos && (text[next] == '"' || text[next] == ']');
}

std::optional<Node> list(std::string_view text, FileReport& report) {
    if (is_json_list(text)) return parse_json(text, report);
    Node node;
    node.kind = Node::Kind::list;
    for (const auto& part : split_list(text))
        node.entries.push_back({.key = {}, .line = 1, .value = scalar(part)});
    return node;
}

// What a file would say instead of `text`.
std::optional<Node> node_of(const Setting& setting, std::string_view text, FileReport& report) {
    if (std::holds_alternative<TextList>(setting.type)) return list(text, report);
    const bool is_flag = std::holds_alternative<Flag>(setting.type);
    return scalar(is_flag ? flag_text(text) : text);
}

bool is_refused(const Setting& setting, const Node& node) {
    const auto* flag = std::get_if<Flag>(&setting.type);
    return flag != nullptr && flag->only_a_file_makes_true && node.text == "true";
}

void read(const Setting& setting, std::string_view text, FileReport& report, Settings& settings) {
    // A file has been checked for this by now.
    if (!is_text_file(text)) {
        return report.error(1, std::string(setting.name) + ": expected text in UTF-8");
    }
    const auto node = node_of(setting, text, report);
    if (!node) return;
    if (is_refused(setting, *node)) {
        return report.error(
            1, std::string(setting.name) + ": expected false; only a file makes it true"
        );
    }
    const Environment no_variables = [](std::string_view) { return std::nullopt; };
    ValueReader(no_variables, report)
        .read(setting, setting.name, setting.field(settings, 0), *node);
}

}  // namespace

std::string variable_name(const Setting& setting) {
    if (is_of_entry(setting)) return {};
    std::string name = "BASCULE_";
    std::ranges::transform(setting.name, std::back_inserter(name), upper);
    return name;
}

const Setting* find_setting_of_variable(std::string_view name) {
    for (const auto& setting : settings_table())
        if (!name.empty() && variable_name(setting) == name) return &setting;
    return nullptr;
}

void read_variable_settings(const Environment& environment, Report& report, Settings& settings) {
    for (const auto& setting : settings_table()) {
        const auto name = variable_name(setting);
        if (name.empty()) continue;
        const auto text = environment(name);
        if (!text || text->empty()) continue;
        auto variable = FileReport::of_variable(name, report);
        read(setting, *text, variable, settings);
    }
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto item = text.substr(0, end);
        const auto begin = item.find_first_not_of(' ');
        if (begin != std::string_view::npos) {
            items.emplace_back(item.substr(begin, item.find_last_not_of(' ') + 1 - begin));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

}  // namespace gw::app
