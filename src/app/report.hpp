#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::app {

// An upstream that cannot be used as it is written, and why: each reason is one line that begins
// with its place.
struct LeftOut {
    std::string name;
    std::vector<std::string> reasons;
    bool may_stay = true;  // What a reload finds running under this name goes on as it was.
    bool is_kept = false;  // And so it does.
};

// What is to be said about configuration: all of it, not only what was met first. Each entry is one
// line that begins with its place. What a file has in it (names, values) may be a stranger's.
struct Report {
    std::vector<std::string> errors;  // The gateway cannot start.
    std::vector<LeftOut> left_out;    // It can, without these.
    std::vector<std::string> warnings;

    bool has_errors() const { return !errors.empty(); }

    // The errors, and why upstreams are left out, one a line.
    std::string error_text() const;
};

// The report of one file: adds "FILE:LINE: " to what is said, and makes it printable().
class FileReport {
public:
    FileReport(std::string file, Report& report) : file_(std::move(file)), report_(report) {}

    // The report of a variable of the environment, which has no lines: "the variable NAME: ".
    static FileReport of_variable(std::string_view name, Report& report) {
        FileReport made("the variable " + std::string(name), report);
        made.has_lines_ = false;
        return made;
    }

    const std::string& file() const { return file_; }

    std::string place(int line) const {
        return has_lines_ ? file_ + ":" + std::to_string(line) : file_;
    }

    // More than a hundred errors help nobody; what comes then is only said to be there.
    bool is_full() const;

    // Within an UpstreamReport it only concerns that upstream.
    void error(int line, std::string_view text);
    void warning(int line, std::string_view text);

    // Something that has no meaning here; all of it is one warning, given by tell_passed_over().
    void passed_over(std::string text) { passed_over_.push_back(std::move(text)); }

    // Gives that warning, if there is something to tell, and forgets it.
    void tell_passed_over();

private:
    friend class UpstreamReport;

    std::string file_;
    bool has_lines_ = true;
    Report& report_;
    std::size_t count_ = 0;
    LeftOut* upstream_ = nullptr;  // Of the UpstreamReport that lives.
    std::vector<std::string> passed_over_;
};

// While it lives, the errors of a file are those of the upstream `name`, which is then left out:
// one that cannot be used never stops the others.
class UpstreamReport {
public:
    UpstreamReport(FileReport& report, std::string name);
    UpstreamReport(const UpstreamReport&) = delete;
    UpstreamReport& operator=(const UpstreamReport&) = delete;
    ~UpstreamReport();

    bool has_errors() const { return !upstream_.reasons.empty(); }

private:
    FileReport& report_;
    LeftOut upstream_;
};

}  // namespace gw::app
