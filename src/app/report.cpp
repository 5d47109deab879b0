#include "app/report.hpp"

#include "app/printable.hpp"

#include <algorithm>

namespace gw::app {
namespace {

constexpr std::size_t errors_max = 100;
constexpr std::size_t passed_over_max = 50;

}  // namespace

std::string Report::error_text() const {
    std::string text;
    const auto add = [&](const std::string& line) { text += (text.empty() ? "" : "\n") + line; };
    std::ranges::for_each(errors, add);
    for (const auto& upstream : left_out)
        std::ranges::for_each(upstream.reasons, add);
    return text;
}

bool FileReport::is_full() const {
    return count_ > errors_max;
}

void FileReport::error(int line, std::string_view text) {
    auto& errors = upstream_ != nullptr ? upstream_->reasons : report_.errors;
    // What is left out always has a reason.
    if (is_full() && !(upstream_ != nullptr && errors.empty())) return;
    if (count_++ >= errors_max) text = "there are more errors from here";
    errors.push_back(printable(place(line) + ": " + std::string(text)));
}

void FileReport::warning(int line, std::string_view text) {
    report_.warnings.push_back(printable(place(line) + ": " + std::string(text)));
}

void FileReport::tell_passed_over() {
    if (passed_over_.empty()) return;
    auto text = file_ + ": not used: ";
    const auto shown = std::min(passed_over_.size(), passed_over_max);
    for (std::size_t i = 0; i < shown; ++i)
        text += (i > 0 ? ", " : "") + passed_over_[i];
    if (shown < passed_over_.size()) {
        text += " and " + std::to_string(passed_over_.size() - shown) + " more";
    }
    report_.warnings.push_back(printable(text));
    passed_over_.clear();
}

UpstreamReport::UpstreamReport(FileReport& report, std::string name) : report_(report) {
    upstream_.name = std::move(name);
    report_.upstream_ = &upstream_;
}

UpstreamReport::~UpstreamReport() {
    report_.upstream_ = nullptr;
    if (has_errors()) report_.report_.left_out.push_back(std::move(upstream_));
}

}  // namespace gw::app
