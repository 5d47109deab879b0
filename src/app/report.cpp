#include "app/report.hpp"

namespace gw::app {
namespace {

constexpr std::size_t errors_max = 100;

}  // namespace

std::string Report::error_text() const {
    std::string text;
    for (const auto& error : errors)
        text += (text.empty() ? "" : "\n") + error;
    return text;
}

bool FileReport::is_full() const {
    return report_.errors.size() > errors_max;
}

void FileReport::error(int line, std::string_view text) {
    if (is_full()) return;
    if (report_.errors.size() == errors_max) text = "there are more errors from here";
    report_.errors.push_back(place(line) + ": " + std::string(text));
}

void FileReport::warning(int line, std::string_view text) {
    report_.warnings.push_back(place(line) + ": " + std::string(text));
}

}  // namespace gw::app
