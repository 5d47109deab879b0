#include "app/mcp_entry.hpp"

#include "app/client_keys.hpp"
#include "app/env_file.hpp"
#include "app/foreign_variables.hpp"
#include "app/grammar.hpp"
#include "app/program_name.hpp"
#include "app/quantities.hpp"
#include "app/setting_value.hpp"
#include "base/assert.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace gw::app {
namespace {

using Variables = std::map<std::string, std::string>;

bool is_given(const Node& node) {
    return node.kind != Node::Kind::null;
}

// Says whether the server is on. What is not understood here must not be passed over: the server
// would start against somebody's will.
bool is_switch(const ClientKey& key) {
    return key.means == Means::disabled || key.means == Means::enabled;
}

class EntryReader {
public:
    EntryReader(
        std::string shown,
        const EntryPlace& place,
        const Environment& environment,
        FileReport& report,
        Settings& settings
    )
        : shown_(std::move(shown)),
          place_(place),
          environment_(environment),
          report_(report),
          settings_(settings) {}

    void read(const Node& entry) {
        collect(entry);
        is_remote_ = url_ != nullptr && !has(Means::command);
        read_variables();
        for (const auto& [key, member] : members_)
            read(*key, *member);
        settle_folder();
        check_source(entry);
    }

private:
    using Member = std::pair<const ClientKey*, const Entry*>;

    std::string name_of(const Entry& member) const { return shown_ + "." + member.key; }

    Upstream& upstream() { return settings_.upstreams.back(); }

    bool has(Means means) const {
        return std::ranges::any_of(members_, [&](const Member& member) {
            return member.first->means == means;
        });
    }

    // What we know, in the order of the file; null is as good as absent, but for a switch.
    void collect(const Node& entry) {
        for (const auto& member : entry.entries) {
            const auto* key = find_client_key(member.key);
            const bool is_there = is_given(member.value) || (key != nullptr && is_switch(*key));
            if (is_repeated(member, report_) || !is_there) continue;
            if (key == nullptr) {
                report_.passed_over(name_of(member));
                continue;
            }
            members_.emplace_back(key, &member);
        }
        for (const auto& key : client_keys()) {
            if (key.means != Means::url || url_ != nullptr) continue;
            const auto* found = entry.find(key.name);
            if (found != nullptr && is_given(found->value)) url_ = found;
        }
    }

    // Those of the entry itself come first, since others may refer to them.
    void read_variables() {
        const Environment around = [&](std::string_view name) { return around_us(name); };
        for (const auto& [key, member] : members_) {
            if (key->means == Means::env_file) read_env_file(*member, around);
        }
        for (const auto& [key, member] : members_) {
            if (key->means == Means::env) read_env(*member, around);
        }
        for (const auto& [key, member] : members_) {
            const bool is_command = key->means == Means::command;
            const auto* env = is_command ? member->value.find("env") : nullptr;
            if (env != nullptr && is_given(env->value)) read_env(*env, around);
        }
        if (is_remote_) return;
        upstream().env = file_variables_;
        for (const auto& [name, value] : own_variables_)
            upstream().env.insert_or_assign(name, value);
    }

    void read_env(const Entry& member, const Environment& around) {
        auto node = member.value;
        std::erase_if(node.entries, [&](const Entry& variable) {
            if (is_given(variable.value)) return false;
            report_.passed_over(name_of(member) + "." + variable.key + " (it is null)");
            return true;
        });
        read_as("env", member, node, around);
        own_variables_.merge(std::exchange(upstream().env, {}));
    }

    void read_env_file(const Entry& member, const Environment& around) {
        read_as("ca_file", member, member.value, around);  // The name of a file, as that is.
        auto name = std::exchange(upstream().ca_file, {});
        if (name.empty()) return;
        if (!name.starts_with('/')) name.insert(0, place_.workspace + "/");
        auto variables = app::read_env_file(name);
        if (variables) {
            file_variables_ = std::move(*variables);
        } else {
            report_.error(member.line, name_of(member) + ": " + variables.error().text);
        }
    }

    void read(const ClientKey& key, const Entry& member) {
        switch (key.means) {
            case Means::command: return read_command(member);
            case Means::args: return read_for_program("args", member);
            case Means::cwd: return read_for_program("cwd", member);
            case Means::url: return read_url(member);
            case Means::headers: return read_headers(member, member.value);
            case Means::request_options: return read_request_options(member);
            case Means::type: return read_type(member);
            case Means::timeout: return read_timeout(member);
            case Means::shown_tools: return read_shown_tools(member);
            case Means::hidden_tools:
                return read_as("hidden_tools", member, member.value, environment_);
            case Means::env:
            case Means::env_file:
            case Means::nothing: return;
            case Means::disabled:
            case Means::enabled: return read_switch(member);
            case Means::sign_in:
                if (has(Means::headers) || member.value.text == "false") {
                    return report_.passed_over(name_of(member));
                }
                return refuse(key, member);
            case Means::refused: return refuse(key, member);
        }
    }

    void refuse(const ClientKey& key, const Entry& member) {
        report_.error(
            member.line, name_of(member) + " cannot be used: " + std::string(key.instead)
        );
    }

    // A second way to the same server is for check_settings() to refuse; what only belongs to
    // another way does nothing in other programs either.
    void tell_unused(const Entry& member, const char* what) {
        report_.passed_over(name_of(member) + " (it is for " + what + ")");
    }

    void read_for_program(const char* setting, const Entry& member) {
        if (is_remote_) return tell_unused(member, "a command");
        const bool is_args = setting == std::string_view("args");
        read_as(setting, member, member.value, is_args ? for_args() : for_program());
    }

    // A program; with its arguments behind it (OpenCode), or a map of all that (Zed).
    void read_command(const Entry& member) {
        const auto& node = member.value;
        if (node.kind == Node::Kind::map) {
            for (const auto& part : node.entries) {
                if (!is_repeated(part, report_)) read_part_of_command(member, part);
            }
            return;
        }
        if (node.kind != Node::Kind::list || node.entries.empty()) {
            return read_as("command", member, node, for_program());
        }
        read_as("command", member, node.entries.front().value, for_program());
        auto rest = node;
        rest.entries.erase(rest.entries.begin());
        read_as("args", member, rest, for_args());
    }

    void read_part_of_command(const Entry& command, const Entry& part) {
        if (part.key == "path") {
            read_as("command", part, part.value, for_program());
        } else if (part.key == "args") {
            read_as("args", part, part.value, for_args());
        } else if (part.key != "env") {  // See read_variables().
            report_.passed_over(name_of(command) + "." + part.key);
        }
    }

    void read_url(const Entry& member) {
        if (&member != url_) return report_.passed_over(name_of(member));
        read_as("url", member, member.value, for_requests());
    }

    // Copied examples name headers that every client writes by itself.
    void read_headers(const Entry& member, Node node) {
        if (!is_remote_) return tell_unused(member, "a url");
        std::erase_if(node.entries, [&](const Entry& header) {
            if (!is_own_header(header.key)) return false;
            report_.passed_over(
                name_of(member) + "." + header.key + " (the gateway writes it itself)"
            );
            return true;
        });
        read_as("headers", member, node, for_requests());
    }

    void read_request_options(const Entry& member) {
        for (const auto& option : member.value.entries) {
            if (option.key == "headers") {
                read_headers(member, option.value);
            } else {
                report_.passed_over(name_of(member) + "." + option.key);
            }
        }
    }

    void read_type(const Entry& member) {
        const auto* kind = find_server_kind(member.value.text);
        if (member.value.kind != Node::Kind::scalar || kind == nullptr) {
            const auto expected = ": expected stdio, local, http, remote, sse or streamable-http";
            return report_.error(member.line, name_of(member) + expected);
        }
        if (kind->is_remote != is_remote_) {
            const auto* needs = is_remote_ ? "a command" : "a url";
            return report_.error(
                member.line, name_of(member) + ": " + member.value.text + " needs " + needs
            );
        }
        upstream().transport = kind->transport;
    }

    // A server that is off is not read at all. Some write what they have in quotes.
    void read_switch(const Entry& member) {
        const auto& node = member.value;
        if (node.kind == Node::Kind::scalar && (node.text == "true" || node.text == "false"))
            return;
        const auto found = node.kind == Node::Kind::scalar ? "\"" + node.text.substr(0, 100) + "\""
                                                           : std::string(to_string(node.kind));
        report_.error(member.line, name_of(member) + ": expected true or false; not " + found);
    }

    // Cline and Roo Code count seconds, at most 3 600; Claude Code, Gemini CLI and Copilot CLI
    // milliseconds, which are more. What OpenCode limits is the listing.
    void read_timeout(const Entry& member) {
        const auto count = parse_count(member.value.text);
        if (!count || *count == 0 || place_.section == "mcp") {
            return report_.passed_over(name_of(member));
        }
        const auto most = std::chrono::milliseconds(std::chrono::hours(24));
        const auto time = *count <= 3600 ? Time(*count * 1000)
                                         : Time(std::min<std::size_t>(*count, most.count()));
        upstream().timeout = time;
    }

    // An empty list shows none.
    void read_shown_tools(const Entry& member) {
        read_as("tools", member, member.value, environment_);
        auto& tools = upstream().tools;
        if (std::ranges::find(tools, "*") != tools.end()) {
            tools.clear();
        } else if (tools.empty() && member.value.kind == Node::Kind::list) {
            upstream().hidden_tools = {"*"};
        }
    }

    // VS Code, mcp.json, cwd: "Defaults to the workspace folder when run in a workspace." Cursor
    // starts programs there as well. A relative folder is one of it.
    void settle_folder() {
        auto& cwd = upstream().cwd;
        if (!place_.is_editors || !has(Means::command) || cwd.starts_with('/')) return;
        cwd = place_.workspace + (cwd.empty() ? "" : "/" + cwd);
    }

    void check_source(const Node& entry) {
        const auto* source = entry.find("source");
        if (source == nullptr || source->value.text != "extension" || has(Means::command)) return;
        report_.error(
            source->line,
            name_of(*source) +
                ": only the editor knows what the extension starts; write \"command\""
        );
    }

    // Reads one setting of the upstream from what the file calls `member`.
    void read_as(
        std::string_view setting, const Entry& member, Node node, const Environment& variables
    ) {
        const auto* found = find_setting("upstreams.NAME." + std::string(setting));
        GW_ASSERT(found != nullptr);
        to_our_spelling(node, place_.section == "mcp", variables);
        const auto field = found->field(settings_, settings_.upstreams.size() - 1);
        if (setting == "command") upstream().program = program_name(node.text);
        ValueReader(variables, report_).read(*found, name_of(member), field, node);
    }

    std::optional<std::string> around_us(std::string_view name) const {
        const auto from_file = file_variables_.find(std::string(name));
        if (from_file != file_variables_.end()) return from_file->second;
        if (auto known = editor_variable(name, place_.workspace, environment_)) return known;
        return environment_(name);
    }

    std::optional<std::string> own_or_around(std::string_view name) const {
        const auto own = own_variables_.find(std::string(name));
        return own != own_variables_.end() ? own->second : around_us(name);
    }

    Environment for_requests() const {
        return [this](std::string_view name) { return own_or_around(name); };
    }

    Environment for_program() const { return for_requests(); }

    // A program gets its own variables, and replaces them itself (mcp-remote does): a secret among
    // its arguments would stand in the list of processes.
    Environment for_args() const {
        return [this](std::string_view name) -> std::optional<std::string> {
            const std::string key(name);
            if (own_variables_.contains(key) || file_variables_.contains(key)) {
                return "${" + key + "}";
            }
            return around_us(name);
        };
    }

    std::string shown_;
    const EntryPlace& place_;
    const Environment& environment_;
    FileReport& report_;
    Settings& settings_;
    std::vector<Member> members_;
    const Entry* url_ = nullptr;
    bool is_remote_ = false;
    Variables own_variables_;
    Variables file_variables_;
};

}  // namespace

bool is_off(const Node& entry) {
    return std::ranges::any_of(entry.entries, [](const Entry& member) {
        const auto* key = find_client_key(member.key);
        if (key == nullptr) return false;
        return (key->means == Means::disabled && member.value.text == "true") ||
               (key->means == Means::enabled && member.value.text == "false");
    });
}

void read_mcp_entry(
    const std::string& shown,
    const Node& entry,
    const EntryPlace& place,
    const Environment& environment,
    FileReport& report,
    Settings& settings
) {
    EntryReader(shown, place, environment, report, settings).read(entry);
}

}  // namespace gw::app
