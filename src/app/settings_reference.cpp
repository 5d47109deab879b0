#include "app/settings_reference.hpp"

#include "app/setting_value.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace gw::app {
namespace {

using Row = std::array<std::string, 4>;

Row titles() {
    return {"setting", "default", "unit and range", "meaning"};
}

// What the field has before anything is read; "none" where that means that it is not set.
std::string default_text(const Setting& setting, Settings& settings) {
    auto text = value_text(setting, setting.field(settings, 0));
    if (text == "\"\"" || text == "[]" || text == "{}") return "none";
    return text.starts_with('"') ? text.substr(1, text.size() - 2) : text;
}

std::vector<Row> rows() {
    Settings settings;
    settings.upstreams.emplace_back();
    settings.servers.emplace_back();
    std::vector<Row> result;
    for (const auto& setting : settings_table()) {
        result.push_back(
            {std::string(setting.name),
             default_text(setting, settings),
             unit_text(setting),
             std::string(setting.meaning)}
        );
    }
    return result;
}

}  // namespace

std::string settings_columns() {
    auto lines = rows();
    lines.insert(lines.begin(), titles());
    std::array<std::size_t, 3> widths{};
    for (const auto& line : lines)
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += line[i] + std::string(widths[i] + 2 - line[i].size(), ' ');
        text += line.back() + "\n";
    }
    return text;
}

std::string settings_markdown() {
    const auto row = [](const Row& cells) {
        std::string text = "|";
        for (const auto& cell : cells)
            text += " " + cell + " |";
        return text + "\n";
    };
    std::string text = row(titles()) + "|---|---|---|---|\n";
    for (const auto& line : rows())
        text += row({"`" + line[0] + "`", "`" + line[1] + "`", line[2], line[3]});
    return text;
}

}  // namespace gw::app
