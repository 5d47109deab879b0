#include "app/settings_reference.hpp"

#include "app/setting_value.hpp"
#include "app/text_table.hpp"

#include <vector>

namespace gw::app {
namespace {

// What the field has before anything is read; "none" where that means that it is not set.
std::string default_text(const Setting& setting, Settings& settings) {
    auto text = value_text(setting, setting.field(settings, 0));
    if (text == "\"\"" || text == "[]" || text == "{}") return "none";
    return text.starts_with('"') ? text.substr(1, text.size() - 2) : text;
}

std::vector<TableRow> rows() {
    std::vector<TableRow> result{{"setting", "default", "unit and range", "meaning"}};
    Settings settings;
    settings.upstreams.emplace_back();
    settings.servers.emplace_back();
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
    return table_columns(rows());
}

std::string settings_markdown() {
    return table_markdown(rows(), 2);
}

}  // namespace gw::app
