#include "app/variables_reference.hpp"

#include "app/contextforge_variables.hpp"
#include "app/text_table.hpp"
#include "app/variable_settings.hpp"

#include <vector>

namespace gw::app {
namespace {

std::string value_of(const ContextForgeVariable& variable) {
    std::string text(variable.conversion->expected);
    if (text.empty()) text = "the same";
    return text + (variable.naming == Naming::common ? "; a common name" : "");
}

// A row for each setting, or as many as it has counterparts.
std::vector<TableRow> settings_rows() {
    std::vector<TableRow> rows{{"setting", "variable", "of ContextForge", "its value"}};
    for (const auto& setting : settings_table()) {
        if (is_of_entry(setting)) continue;
        const TableRow row{std::string(setting.name), variable_name(setting), "", ""};
        const auto before = rows.size();
        for (const auto& variable : contextforge_variables()) {
            if (!variable.has_counterpart() || variable.setting != setting.name) continue;
            rows.push_back(row);
            rows.back()[2] = variable.name;
            rows.back()[3] = value_of(variable);
        }
        if (rows.size() == before) rows.push_back(row);
    }
    return rows;
}

std::vector<TableRow> unused_rows() {
    std::vector<TableRow> rows{{"not used", "see"}};
    for (const auto& variable : contextforge_variables()) {
        if (variable.has_counterpart()) continue;
        rows.push_back({std::string(variable.name), std::string(variable.setting)});
    }
    return rows;
}

}  // namespace

std::string variables_columns() {
    return table_columns(settings_rows()) + "\n" + table_columns(unused_rows());
}

std::string variables_markdown() {
    return table_markdown(settings_rows(), 3) + "\n" + table_markdown(unused_rows(), 2);
}

}  // namespace gw::app
