#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// What is to be said about configuration: all of it, not only what was met first. Each entry is one
// line that begins with its place.
struct Report {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;

    bool has_errors() const { return !errors.empty(); }

    // The errors, one a line.
    std::string error_text() const;
};

// The report of one file: adds "FILE:LINE: " to what is said.
class FileReport {
public:
    FileReport(std::string file, Report& report) : file_(std::move(file)), report_(report) {}

    std::string place(int line) const { return file_ + ":" + std::to_string(line); }

    // More than a hundred help nobody; what comes then is only said to be there.
    bool is_full() const;

    void error(int line, std::string_view text);
    void warning(int line, std::string_view text);

private:
    std::string file_;
    Report& report_;
};

}  // namespace gw::app
