#include "app/variable_settings.hpp"

#include "app/contextforge_variables.hpp"
#include "app/document.hpp"
#include "app/grammar.hpp"
#include "app/setting_value.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace gw::app {
namespace {

char upper(char c) {
    if (c == '.') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// An empty variable counts as not set.
std::optional<std::string> value_of(const Environment& environment, std::string_view name) {
    auto value = environment(name);
    return value && !value->empty() ? std::move(value) : std::nullopt;
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

std::optional<Node> list(const Setting& setting, std::string_view text, FileReport& report) {
    Node node;
    node.kind = Node::Kind::list;
    if (!is_json_list(text)) {
        for (const auto& part : split_list(text))
            node.entries.push_back({.key = {}, .line = 1, .value = scalar(part)});
        return node;
    }
    Report unused;
    FileReport json("", unused);
    auto parsed = parse_json(text, json);
    if (parsed) return parsed;
    const auto expected = std::string(setting.name) + ": expected " + expected_text(setting);
    report.error(1, expected + ", as JSON or separated by commas");
    return std::nullopt;
}

// What a file would say instead of `text`.
std::optional<Node> node_of(const Setting& setting, std::string_view text, FileReport& report) {
    if (std::holds_alternative<TextList>(setting.type)) return list(setting, text, report);
    if (!std::holds_alternative<Flag>(setting.type)) return scalar(text);
    const auto flag = parse_flag(text);
    if (!flag) return scalar(text);
    return scalar(*flag ? "true" : "false");
}

bool is_refused(const Setting& setting, const Node& node) {
    const auto* flag = std::get_if<Flag>(&setting.type);
    return flag != nullptr && flag->only_a_file_makes_true && node.text == "true";
}

void read_value(
    const Setting& setting, std::string_view text, FileReport& report, Settings& settings
) {
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

using Names = std::vector<std::string>;

// "HOST (listen)"
std::string with_setting(const ContextForgeVariable& variable, std::string_view word) {
    std::string text(variable.name);
    if (!variable.setting.empty()) text.append(word).append(variable.setting).append(")");
    return text;
}

void warn(Report& report, std::string text, const Names& names, std::string_view end) {
    if (names.empty()) return;
    for (const auto& name : names)
        text.append(&name == names.data() ? " " : ", ").append(name);
    report.warnings.push_back(text.append(end));
}

// The variables of ContextForge.
class ContextForge {
public:
    ContextForge(const Environment& environment, Report& report, Settings& settings)
        : environment_(environment), report_(report), settings_(settings) {}

    void read(CommonNames common) {
        const auto* sign = first_of_its_own();
        if (sign == nullptr && common == CommonNames::beside_others) return;
        for (const auto& variable : contextforge_variables())
            if (const auto text = value_of(environment_, variable.name)) read(variable, *text);
        const auto reason = sign == nullptr ? std::string() : why(*sign);
        warn(
            report_, "variables of ContextForge count where no file says otherwise:", used_, reason
        );
        warn(report_, "variables of ContextForge are not used:", unused_, "");
    }

private:
    const ContextForgeVariable* first_of_its_own() const {
        for (const auto& variable : contextforge_variables()) {
            if (variable.naming == Naming::common) continue;
            if (value_of(environment_, variable.name)) return &variable;
        }
        return nullptr;
    }

    std::string why(const ContextForgeVariable& sign) const {
        if (!has_common_) return {};
        return "; those with common names because " + std::string(sign.name) + " is set";
    }

    void read(const ContextForgeVariable& variable, std::string_view text) {
        if (!variable.has_counterpart()) {
            unused_.push_back(with_setting(variable, " (see "));
            return;
        }
        const auto& setting = *find_setting(variable.setting);
        if (value_of(environment_, variable_name(setting))) return;
        used_.push_back(with_setting(variable, " ("));
        has_common_ = has_common_ || variable.naming == Naming::common;
        apply(variable, setting, text);
    }

    void apply(
        const ContextForgeVariable& variable, const Setting& setting, std::string_view text
    ) {
        auto report = FileReport::of_variable(variable.name, report_);
        const auto& [expected, convert] = *variable.conversion;
        if (convert == nullptr) return read_value(setting, text, report, settings_);
        if (const auto ours = convert(text, settings_)) {
            return read_value(setting, *ours, report, settings_);
        }
        report.error(1, std::string(setting.name).append(": expected ").append(expected));
    }

    const Environment& environment_;
    Report& report_;
    Settings& settings_;
    Names used_;
    Names unused_;
    bool has_common_ = false;
};

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

void read_variable_settings(
    const Environment& environment, CommonNames common, Report& report, Settings& settings
) {
    for (const auto& setting : settings_table()) {
        if (is_of_entry(setting)) continue;
        const auto name = variable_name(setting);
        const auto text = value_of(environment, name);
        if (!text) continue;
        auto variable = FileReport::of_variable(name, report);
        read_value(setting, *text, variable, settings);
    }
    ContextForge(environment, report, settings).read(common);
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
