#pragma once

#include <string>
#include <vector>

// Tables as text.
namespace gw::app {

using TableRow = std::vector<std::string>;

// A terminal's: columns as wide as their widest cell. All rows, the first of which has the titles,
// have as many cells.
std::string table_columns(const std::vector<TableRow>& rows);

// The same in Markdown. The first `code_columns` cells of a row are code, where they are not empty.
std::string table_markdown(const std::vector<TableRow>& rows, std::size_t code_columns);

}  // namespace gw::app
