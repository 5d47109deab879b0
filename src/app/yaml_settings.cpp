#include "app/yaml_settings.hpp"

#include "app/document.hpp"
#include "app/names.hpp"
#include "app/program_name.hpp"
#include "app/setting_value.hpp"

namespace gw::app {
namespace {

// A section of the file: the names of its settings, in the table and to the operator.
struct Section {
    std::string name;
    std::string shown;
    std::size_t entry = 0;

    Section inside(std::string_view key, std::string_view shown_key) const {
        const auto join = [](const std::string& outer, std::string_view inner) {
            return (outer.empty() ? "" : outer + ".") + std::string(inner);
        };
        return {join(name, key), join(shown, shown_key), entry};
    }

    Section inside(std::string_view key) const { return inside(key, key); }
};

// "upstreams.NAME.url" with the operator's word for NAME, as it stands in `section`.
std::string shown_name(std::string_view name, const Section& section) {
    std::string result(name);
    for (const std::string_view placeholder : {"NAME", "ID"}) {
        const auto at = section.name.find("." + std::string(placeholder));
        const auto place = result.find("." + std::string(placeholder));
        if (at == std::string::npos || place == std::string::npos) continue;
        const auto tail = section.name.size() - (at + 1 + placeholder.size());
        const auto word = section.shown.substr(at + 1, section.shown.size() - (at + 1) - tail);
        result.replace(place + 1, placeholder.size(), word);
    }
    return result;
}

class Reader {
public:
    Reader(const Environment& environment, FileReport& report, Settings& settings)
        : report_(report), settings_(settings), values_(environment, report) {}

    void read(const Section& section, const Node& node) {
        // An empty section, perhaps because all in it is commented out.
        if (node.kind == Node::Kind::null) return;
        if (node.kind != Node::Kind::map) {
            const auto name = section.shown.empty() ? "the file" : section.shown;
            const auto kind = std::string(to_string(node.kind));
            return report_.error(node.line, name + ": expected a map, not " + kind);
        }
        for (const auto& entry : node.entries)
            read(section, entry);
    }

private:
    void read(const Section& section, const Entry& entry) {
        if (section.name == "upstreams") return read_upstream(section, entry);
        if (is_repeated(entry, report_)) return;
        if (section.name == "servers") return read_server(section, entry);
        const auto inner = section.inside(entry.key);
        // Names of the table are paths of keys; a key with a dot in it is none of them.
        if (entry.key.find('.') != std::string::npos) return refuse(section, inner, entry.line);
        if (const auto* setting = find_setting(inner.name)) {
            const auto field = setting->field(settings_, section.entry);
            if (setting->name == "upstreams.NAME.command") {
                settings_.upstreams[section.entry].program = program_name(entry.value.text);
            }
            return values_.read(*setting, inner.shown, field, entry.value);
        }
        if (is_section(inner.name)) return read(inner, entry.value);
        refuse(section, inner, entry.line);
    }

    void refuse(const Section& section, const Section& unknown, int line) {
        if (report_.is_full()) return;
        if (unknown.name == "mcpServers" || unknown.name == "context_servers") {
            return report_.error(
                line,
                "\"" + unknown.shown +
                    "\" stands in the files of MCP clients: give such a file as --mcp-servers FILE"
            );
        }
        const auto nearest = shown_name(nearest_setting(unknown.name), section);
        report_.error(
            line, "unknown key \"" + unknown.shown + "\"; the nearest is \"" + nearest + "\""
        );
    }

    void read_upstream(const Section& section, const Entry& entry) {
        const auto name = upstream_name(entry.key, entry.line, report_);
        const UpstreamReport report(report_, name);
        auto inner = section.inside("NAME", entry.key);
        inner.entry = settings_.upstreams.size();
        auto& upstream = settings_.upstreams.emplace_back();
        upstream.name = name;
        upstream.place.text = report_.place(entry.line);
        if (!is_repeated(entry, report_)) read(inner, entry.value);
        if (report.has_errors()) settings_.upstreams.pop_back();
    }

    void read_server(const Section& section, const Entry& entry) {
        if (!is_server_id(entry.key, entry.line, report_)) return;
        auto inner = section.inside("ID", entry.key);
        inner.entry = settings_.servers.size();
        auto& server = settings_.servers.emplace_back();
        server.id = entry.key;
        server.place.text = report_.place(entry.line);
        read(inner, entry.value);
    }

    FileReport& report_;
    Settings& settings_;
    ValueReader values_;
};

}  // namespace

void read_yaml_settings(
    std::string_view text, const Environment& environment, FileReport& report, Settings& settings
) {
    const auto root = parse_yaml(text, report);
    if (root) Reader(environment, report, settings).read(Section{}, *root);
}

}  // namespace gw::app
