#pragma once

#include "app/mcp_servers.hpp"
#include "app/setting_value.hpp"
#include "app/yaml_settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace gw::app::test {

// An environment of these variables.
inline Environment environment_of(std::map<std::string, std::string> variables) {
    std::vector<std::string> names;
    for (const auto& [name, value] : variables)
        names.push_back(name);
    const auto value_of = [variables = std::move(variables)](std::string_view name
                          ) -> std::optional<std::string> {
        const auto found = variables.find(std::string(name));
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    return {value_of, std::move(names)};
}

// What became of a file.
struct Outcome {
    Settings settings;
    Report report;

    std::string errors() const { return report.error_text(); }

    std::string warnings() const {
        std::string text;
        for (const auto& warning : report.warnings)
            text += (text.empty() ? "" : "\n") + warning;
        return text;
    }
};

inline Outcome read_yaml(
    std::string_view text, const Environment& environment = environment_of({})
) {
    Outcome outcome;
    FileReport file("f.yaml", outcome.report);
    read_yaml_settings(text, environment, file, outcome.settings);
    return outcome;
}

inline Outcome read_json(
    std::string_view text, const Environment& environment = environment_of({})
) {
    Outcome outcome;
    FileReport file("f.json", outcome.report);
    read_mcp_servers(text, "/home/me/work", environment, file, outcome.settings);
    return outcome;
}

// Writes a file that reads back as the same settings. Only what differs from the default stands in
// it, since the absence of some things has no other spelling.
class Printer {
public:
    explicit Printer(Settings settings) : settings_(std::move(settings)) {
        defaults_.upstreams.emplace_back();
        defaults_.servers.emplace_back();
    }

    std::string print() {
        print_rows("", 0);
        print_entries("upstreams", "NAME", settings_.upstreams, &Upstream::name);
        print_entries("servers", "ID", settings_.servers, &VirtualServer::id);
        return text_;
    }

private:
    template <typename Entry>
    void print_entries(
        const std::string& section,
        const std::string& placeholder,
        const std::vector<Entry>& entries,
        std::string Entry::* name
    ) {
        if (entries.empty()) return;
        text_ += section + ":\n";
        for (std::size_t i = 0; i < entries.size(); ++i) {
            text_ += "  " + yaml_text(entries[i].*name) + ":\n";
            print_rows(section + "." + placeholder + ".", i);
        }
    }

    // Prints the settings below `prefix`, which is empty for those outside entries. A section
    // within is opened when its first setting is met.
    void print_rows(const std::string& prefix, std::size_t entry) {
        const std::string indent(prefix.empty() ? 0 : 4, ' ');
        std::string open;
        for (const auto& setting : settings_table()) {
            if (prefix.empty() ? is_of_entry(setting) : !setting.name.starts_with(prefix)) continue;
            const auto value = value_text(setting, setting.field(settings_, entry));
            if (value == value_text(setting, setting.field(defaults_, 0))) continue;
            const auto path = std::string(setting.name.substr(prefix.size()));
            const auto dot = path.find('.');
            const auto section = dot == std::string::npos ? "" : path.substr(0, dot);
            if (section != open && !section.empty()) text_ += indent + section + ":\n";
            open = section;
            text_ += indent + (section.empty() ? "" : "  ");
            text_ += path.substr(section.empty() ? 0 : dot + 1) + ": " + value + "\n";
        }
    }

    Settings settings_;
    Settings defaults_;
    std::string text_;
};

}  // namespace gw::app::test
