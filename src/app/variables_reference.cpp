#include "app/variables_reference.hpp"

#include "app/text_table.hpp"
#include "app/variable_settings.hpp"

#include <vector>

namespace gw::app {
namespace {

std::vector<TableRow> rows() {
    std::vector<TableRow> result{{"setting", "variable"}};
    for (const auto& setting : settings_table()) {
        if (is_of_entry(setting)) continue;
        result.push_back({std::string(setting.name), variable_name(setting)});
    }
    return result;
}

}  // namespace

std::string variables_columns() {
    return table_columns(rows());
}

std::string variables_markdown() {
    return table_markdown(rows(), 2);
}

}  // namespace gw::app
