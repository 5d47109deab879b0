#include "app/mcp_servers.hpp"

#include "app/client_keys.hpp"
#include "app/document.hpp"
#include "app/foreign_variables.hpp"
#include "app/mcp_entry.hpp"
#include "app/names.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace gw::app {
namespace {

bool is_yaml_name(std::string_view name) {
    return name.ends_with(".yaml") || name.ends_with(".yml");
}

// The files of some clients hold far more than servers: histories, settings of an editor.
bool is_wanted(std::span<const std::string> path) {
    if (path.front() != "projects") return is_server_section(path.front());
    return path.size() != 3 || path[2] == "mcpServers" || path[2] == "disabledMcpServers";
}

class Reader {
public:
    Reader(
        const std::string& folder,
        const Environment& environment,
        FileReport& report,
        Settings& settings
    )
        : folder_(folder),
          workspace_(workspace_of(report.file(), folder)),
          environment_(environment),
          report_(report),
          settings_(settings) {}

    void read(const Node& root) {
        const auto* mcp = root.find("mcp");
        const auto* projects = root.find("projects");
        if (mcp != nullptr && root.find("mcpServers") != nullptr) {
            // Gemini CLI chooses among its servers there.
            off_ = names_in(mcp->value.find("excluded"));
            only_ = names_in(mcp->value.find("allowed"));
            mcp = nullptr;
        }
        if (projects != nullptr) read_projects(projects->value);
        for (const auto& entry : root.entries) {
            if (is_server_section(entry.key) && entry.key != "mcp") read_section(entry.key, entry);
        }
        if (mcp != nullptr) read_mcp(*mcp);
        if (is_found_) return;
        report_.error(
            root.line,
            R"(there are no servers here: they stand under "mcpServers", "servers", )"
            R"("context_servers" or "mcp")" +
                (others_.empty()
                     ? ""
                     : "; for other folders than " + folder_ + " there are some: " + others_)
        );
    }

private:
    // Servers that are chosen, or not, by a list beside them.
    std::set<std::string> names_in(const Entry* list) {
        std::set<std::string> names;
        if (list == nullptr || list->value.kind == Node::Kind::null) return names;
        if (list->value.kind != Node::Kind::list) {
            report_.error(list->line, "\"" + list->key + "\": expected a list of servers' names");
        }
        for (const auto& entry : list->value.entries)
            names.insert(entry.value.text);
        return names;
    }

    bool is_map(const Node& node, std::string_view name) {
        if (node.kind == Node::Kind::map) return true;
        const auto kind = std::string(to_string(node.kind));
        report_.error(node.line, std::string(name) + ": expected a map, not " + kind);
        return false;
    }

    // Those of the folder that we are in come before those of the user: the same name counts once.
    // One without servers may still turn some of the user off.
    void read_projects(const Node& projects) {
        const Entry* chosen = nullptr;
        for (const auto& project : projects.entries) {
            const auto* servers = project.value.find("mcpServers");
            const auto* off = project.value.find("disabledMcpServers");
            if (servers == nullptr && off == nullptr) continue;
            const bool is_in = folder_ == project.key || folder_.starts_with(project.key + "/");
            if (is_in && (chosen == nullptr || project.key.size() > chosen->key.size())) {
                chosen = &project;
            }
            if (!is_in && servers != nullptr && !servers->value.entries.empty()) {
                others_ += (others_.empty() ? "" : ", ") + project.key;
            }
        }
        if (chosen == nullptr) return;
        off_ = names_in(chosen->value.find("disabledMcpServers"));
        const auto* servers = chosen->value.find("mcpServers");
        if (servers == nullptr) return;
        read_section("projects." + chosen->key + ".mcpServers", *servers);
        for (const auto& entry : servers->value.entries)
            hidden_.insert(entry.key);
    }

    // OpenCode, and VS Code in its settings.json.
    void read_mcp(const Entry& mcp) {
        if (const auto* servers = mcp.value.find("servers")) {
            return read_section("mcp.servers", *servers);
        }
        read_section("mcp", mcp);
    }

    void read_section(const std::string& name, const Entry& section) {
        if (is_repeated(section, report_)) return;
        is_found_ = true;
        if (section.value.kind == Node::Kind::list) return read_list(name, section.value);
        if (!is_map(section.value, name)) return;
        for (const auto& entry : section.value.entries) {
            // Other settings may stand beside the servers there.
            if (name == "mcp" && entry.value.kind != Node::Kind::map) continue;
            read_server(name, entry);
        }
    }

    // Continue has a list, in which each server says its name.
    void read_list(const std::string& section, const Node& list) {
        for (const auto& item : list.entries) {
            const auto* name = item.value.find("name");
            if (name == nullptr || name->value.text.empty()) {
                report_.passed_over(
                    section + " at line " + std::to_string(item.line) + R"( (it has no "name"))"
                );
                continue;
            }
            auto named = item;
            named.key = name->value.text;
            read_server(section, named);
        }
    }

    bool is_off(const Entry& entry) const {
        return app::is_off(entry.value) || off_.contains(entry.key) ||
               (!only_.empty() && !only_.contains(entry.key));
    }

    void read_server(const std::string& section, const Entry& entry) {
        const auto shown = section + "." + entry.key;
        // Readers differ in which of two entries counts, so that neither can say: it is off.
        if (is_off(entry) && entry.first == 0) return;
        if (hidden_.contains(entry.key)) {
            return report_.passed_over(shown + " (that of the folder counts)");
        }
        const auto name = upstream_name(entry.key, entry.line, report_);
        const UpstreamReport report(report_, name);
        auto& upstream = settings_.upstreams.emplace_back();
        upstream.name = name;
        upstream.place.text = report_.place(entry.line);
        if (!is_repeated(entry, report_) && is_map(entry.value, shown)) {
            const EntryPlace place{
                section.substr(0, section.find('.')), workspace_.folder, workspace_.is_editors
            };
            read_mcp_entry(shown, entry.value, place, environment_, report_, settings_);
        }
        if (report.has_errors()) settings_.upstreams.pop_back();
    }

    const std::string& folder_;
    const Workspace workspace_;
    const Environment& environment_;
    FileReport& report_;
    Settings& settings_;
    bool is_found_ = false;
    std::set<std::string> off_;
    std::set<std::string> only_;    // Unless empty: all others are off.
    std::set<std::string> hidden_;  // By the same name in the project's servers.
    std::string others_;            // Projects that we are not in.
};

}  // namespace

void read_mcp_servers(
    std::string_view text,
    const std::string& folder,
    const Environment& environment,
    FileReport& report,
    Settings& settings
) {
    const auto root = is_yaml_name(report.file()) ? parse_yaml(text, report)
                                                  : parse_json(text, report, is_wanted);
    if (root) Reader(folder, environment, report, settings).read(*root);
    report.tell_passed_over();
}

bool is_mcp_servers_file(std::string_view name, std::string_view text) {
    if (name.ends_with(".json") || name.ends_with(".jsonc")) return true;
    if (is_yaml_name(name))
        return text.starts_with("mcpServers:") || text.contains("\nmcpServers:");
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '/');
}

}  // namespace gw::app
