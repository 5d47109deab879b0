#include "app/text_table.hpp"

#include <algorithm>

namespace gw::app {

std::string table_columns(const std::vector<TableRow>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i)
            line += row[i] + std::string(widths[i] + 2 - row[i].size(), ' ');
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::string table_markdown(const std::vector<TableRow>& rows, std::size_t code_columns) {
    const auto line = [](const TableRow& cells, std::size_t codes) {
        std::string text = "|";
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string quote = i < codes && !cells[i].empty() ? "`" : "";
            text += " " + quote + cells[i] + quote + (cells[i].empty() ? "|" : " |");
        }
        return text + "\n";
    };
    std::string text = line(rows.front(), 0) + "|";
    for (std::size_t i = 0; i < rows.front().size(); ++i)
        text += "---|";
    text += "\n";
    for (std::size_t i = 1; i < rows.size(); ++i)
        text += line(rows[i], code_columns);
    return text;
}

}  // namespace gw::app
