#include "app/mcp_servers.hpp"

#include "app/document.hpp"
#include "app/grammar.hpp"
#include "app/names.hpp"
#include "app/setting_value.hpp"
#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace gw::app {
namespace {

// The keys of an entry that are settings of ours, with the kind of upstream that they belong to.
struct Key {
    std::string_view name;
    std::string_view setting;
    bool is_remote;
};

constexpr std::array keys = std::to_array<Key>({
    {"command", "upstreams.NAME.command", false},
    {"args", "upstreams.NAME.args", false},
    {"env", "upstreams.NAME.env", false},
    {"cwd", "upstreams.NAME.cwd", false},
    {"url", "upstreams.NAME.url", true},
    {"headers", "upstreams.NAME.headers", true},
});

// What "type" says. To VS Code "http" means what `auto` means to us.
struct Kind {
    std::string_view name;
    std::optional<UpstreamTransport> transport;  // Nothing: a program.
};

constexpr std::array kinds = std::to_array<Kind>({
    {"stdio", std::nullopt},
    {"http", UpstreamTransport::automatic},
    {"sse", UpstreamTransport::sse},
    {"streamable-http", UpstreamTransport::streamable_http},
    {"streamableHttp", UpstreamTransport::streamable_http},
});

class Reader {
public:
    Reader(const Environment& environment, FileReport& report, Settings& settings)
        : report_(report), settings_(settings), values_(environment, report) {}

    void read(const Node& root) {
        bool is_found = false;
        for (const std::string_view name : {"mcpServers", "servers"}) {
            const auto* servers = root.find(name);
            if (servers == nullptr || !is_map(servers->value, name)) continue;
            is_found = true;
            for (const auto& entry : servers->value.entries)
                read_server(name, entry);
        }
        if (!is_found && root.find("mcpServers") == nullptr && root.find("servers") == nullptr) {
            report_.error(root.line, R"(there is neither "mcpServers" nor "servers" here)");
        }
    }

private:
    bool is_map(const Node& node, std::string_view name) {
        if (node.kind == Node::Kind::map) return true;
        const auto kind = std::string(to_string(node.kind));
        report_.error(node.line, std::string(name) + ": expected a map, not " + kind);
        return false;
    }

    void read_server(std::string_view section, const Entry& entry) {
        const auto shown = std::string(section) + "." + entry.key;
        if (!is_map(entry.value, shown)) return;
        const auto* disabled = entry.value.find("disabled");
        if (disabled != nullptr && disabled->value.text == "true") return;
        const auto name = upstream_name(entry.key, entry.line, report_);
        if (!name) return;
        auto& upstream = settings_.upstreams.emplace_back();
        upstream.name = *name;
        upstream.place.text = report_.place(entry.line);
        const bool is_remote =
            entry.value.find("url") != nullptr && entry.value.find("command") == nullptr;
        for (const auto& member : entry.value.entries)
            read_member(shown, member, is_remote);
    }

    void read_member(const std::string& server, const Entry& member, bool is_remote) {
        const auto shown = server + "." + member.key;
        if (member.key == "disabled") return;
        if (member.key == "type") return read_type(shown, member.value, is_remote);
        const auto* key = std::ranges::find(keys, member.key, &Key::name);
        if (key == keys.end()) {
            return report_.warning(member.line, shown + " is not used");
        }
        // A second way to the same server is for check_settings() to refuse; what only belongs to
        // another way does nothing in other programs either.
        if (key->is_remote != is_remote && key->name != "url") {
            const auto* reason = is_remote ? " is for a command" : " is for a url";
            return report_.warning(member.line, shown + " is not used: it" + reason);
        }
        const auto* setting = find_setting(key->setting);
        GW_ASSERT(setting != nullptr);
        const auto field = setting->field(settings_, settings_.upstreams.size() - 1);
        if (key->name != "headers") return values_.read(*setting, shown, field, member.value);
        values_.read(*setting, shown, field, without_own_headers(shown, member.value));
    }

    void read_type(const std::string& shown, const Node& node, bool is_remote) {
        const auto* kind = std::ranges::find(kinds, node.text, &Kind::name);
        if (node.kind != Node::Kind::scalar || kind == kinds.end()) {
            const auto expected = ": expected stdio, http, sse or streamable-http";
            return report_.error(node.line, shown + expected);
        }
        if (kind->transport.has_value() != is_remote) {
            const auto* needs = is_remote ? "a command" : "a url";
            return report_.error(node.line, shown + ": " + node.text + " needs " + needs);
        }
        if (kind->transport) settings_.upstreams.back().transport = *kind->transport;
    }

    // Copied examples name headers that every client writes by itself.
    Node without_own_headers(const std::string& shown, Node node) {
        std::erase_if(node.entries, [&](const Entry& entry) {
            if (!is_own_header(entry.key)) return false;
            report_.warning(
                entry.line, shown + "." + entry.key + " is not used: the gateway writes it itself"
            );
            return true;
        });
        return node;
    }

    FileReport& report_;
    Settings& settings_;
    ValueReader values_;
};

}  // namespace

void read_mcp_servers(
    std::string_view text, const Environment& environment, FileReport& report, Settings& settings
) {
    const auto root = parse_json(text, report);
    if (root) Reader(environment, report, settings).read(*root);
}

}  // namespace gw::app
