// What the MCP clients keep, each in the form that its documentation shows.
#include "unit/app/files.hpp"
#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

// The upstreams on one line each, with what is not the default: "name url=... headers=..."
std::string shown(const Outcome& outcome) {
    auto settings = outcome.settings;
    Settings defaults;
    defaults.upstreams.emplace_back();
    std::string text;
    for (std::size_t i = 0; i < settings.upstreams.size(); ++i) {
        text += (text.empty() ? "" : "\n") + settings.upstreams[i].name;
        for (const auto& setting : settings_table()) {
            constexpr std::string_view prefix = "upstreams.NAME.";
            if (!setting.name.starts_with(prefix)) continue;
            const auto value = value_text(setting, setting.field(settings, i));
            if (value == value_text(setting, setting.field(defaults, 0))) continue;
            text += " " + std::string(setting.name.substr(prefix.size())) + "=" + value;
        }
    }
    return text;
}

Environment around() {
    return environment_of({{"TOKEN", "t"}, {"HOME", "/home/me"}, {"PORT", "1"}});
}

Outcome read_file(const std::string& file, std::string_view text) {
    Outcome outcome;
    FileReport report(file, outcome.report);
    read_mcp_servers(text, "/home/me/work", around(), report, outcome.settings);
    return outcome;
}

// Reads the text as the file of that name, without an error, and without a warning but this one.
std::string read(const std::string& file, std::string_view text, std::string_view warning = "") {
    const auto outcome = read_file(file, text);
    EXPECT_EQ(outcome.errors(), "");
    EXPECT_EQ(outcome.warnings(), warning);
    return shown(outcome);
}

TEST(client_files, claude_desktop) {
    EXPECT_EQ(
        read("claude_desktop_config.json", R"({
  "globalShortcut": "Ctrl+Space",
  "mcpServers": {"files": {"command": "npx", "args": ["-y", "server", "/tmp"], "env": {"A": "1"}}}
})"),
        R"(files command="npx" args=["-y", "server", "/tmp"] env={"A": "1"})"
    );
}

TEST(client_files, claude_code_with_the_servers_of_the_folder) {
    constexpr std::string_view text = R"({
  "numStartups": 5, "tipsHistory": {"a": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]},
  "projects": {
    "/home": {"mcpServers": {"far": {"command": "x"}}},
    "/home/me/work": {
      "history": [{"display": "x", "mcpServers": {}}],
      "mcpServers": {
        "both": {"type": "stdio", "command": "near", "args": [], "env": {}},
        "off": {"type": "stdio", "command": "y"}
      },
      "disabledMcpServers": ["off"]
    },
    "/home/me/other": {"mcpServers": {"other": {"command": "x"}}}
  },
  "mcpServers": {
    "both": {"command": "user"},
    "web": {"type": "http", "url": "https://h/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"},
            "timeout": 60000}
  }
})";
    EXPECT_EQ(
        read(
            "/home/me/.claude.json",
            text,
            "/home/me/.claude.json: not used: mcpServers.both (that of the folder counts)"
        ),
        "both command=\"near\"\n"
        "web url=\"https://h/mcp\" headers={\"Authorization\": \"Bearer t\"} timeout=1m"
    );
}

TEST(client_files, claude_code_turns_servers_of_the_user_off_for_a_folder) {
    EXPECT_EQ(
        read("/home/me/.claude.json", R"({
  "projects": {
    "/home": {"mcpServers": {}, "disabledMcpServers": ["b"]},
    "/home/me/work": {"disabledMcpServers": ["a"]},
    "/home/me/other": {"disabledMcpServers": ["b"]}
  },
  "mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}
})"),
        R"(b command="y")"
    );
}

TEST(client_files, claude_code_says_for_which_folders_there_are_servers) {
    const auto outcome =
        read_json(R"({"projects": {"/a": {"mcpServers": {"x": {"command": "x"}}}}})");
    EXPECT_NE(
        outcome.errors().find("for other folders than /home/me/work there are some: /a"),
        std::string::npos
    ) << outcome.errors();
}

TEST(client_files, cursor) {
    EXPECT_EQ(
        read("/home/me/project/.cursor/mcp.json", R"({"mcpServers": {
  "a": {"type": "stdio", "command": "${workspaceFolder}/bin${/}x", "args": ["${userHome}", "${env:PORT}"]},
  "b": {"url": "http://localhost:${PORT}/${workspaceFolderBasename}", "headers": {"K": "${env:TOKEN}"}}
}})"),
        "a command=\"/home/me/project/bin/x\" args=[\"/home/me\", \"1\"] cwd=\"/home/me/project\"\n"
        "b url=\"http://localhost:1/project\" headers={\"K\": \"t\"}"
    );
}

TEST(client_files, programs_of_an_editors_file_start_in_its_workspace) {
    constexpr std::string_view text = R"({"servers": {
  "a": {"command": "a"}, "b": {"command": "b", "cwd": "sub"}, "c": {"command": "c", "cwd": "/elsewhere"},
  "d": {"command": "d", "cwd": "${userHome}"}
}})";
    constexpr std::string_view expected =
        "a command=\"a\" cwd=\"/home/me/p\"\nb command=\"b\" cwd=\"/home/me/p/sub\"\n"
        "c command=\"c\" cwd=\"/elsewhere\"\nd command=\"d\" cwd=\"/home/me\"";
    EXPECT_EQ(read("/home/me/p/.vscode/mcp.json", text), expected);
    EXPECT_EQ(read("/home/me/p/.cursor/mcp.json", text), expected);
    EXPECT_EQ(
        read("/home/me/p/mcp.json", R"({"servers": {"a": {"command": "a"}}})"), "a command=\"a\""
    );
}

TEST(client_files, vs_code) {
    EXPECT_EQ(
        read(
            "../x/.vscode/mcp.json",
            R"({
  "inputs": [{"type": "promptString", "id": "key", "password": true}],
  "servers": {
    "a": {"type": "stdio", "command": "node", "args": ["${workspaceFolder}/s.js"], "env": {"N": 5, "Z": null},
          "dev": {"watch": "**/*.ts"}},
    "b": {"type": "http", "url": "http://h/mcp"}, // and one more
  },
})",
            "../x/.vscode/mcp.json: not used: servers.a.dev, servers.a.env.Z (it is null)"
        ),
        "a command=\"node\" args=[\"/home/me/x/s.js\"] env={\"N\": \"5\"} cwd=\"/home/me/x\"\nb "
        "url=\"http://h/mcp\""
    );
    EXPECT_EQ(
        read(
            "settings.json",
            R"({"editor.fontSize": 12, "mcp": {"inputs": [], "servers": {"a": {"command": "x"}}}})"
        ),
        R"(a command="x")"
    );
}

TEST(client_files, windsurf) {
    EXPECT_EQ(
        read("mcp_config.json", R"({"mcpServers": {
  "a": {"serverUrl": "https://h/mcp", "headers": {"K": "${env:TOKEN}"}, "disabledTools": ["x"], "disabled": false}
}})"),
        R"(a url="https://h/mcp" headers={"K": "t"} hidden_tools=["x"])"
    );
}

TEST(client_files, gemini_cli) {
    EXPECT_EQ(
        read(
            "/home/me/.gemini/settings.json",
            R"({
  "theme": "Dracula", "mcp": {"excluded": ["d"], "allowed": ["a", "b", "c", "d"]},
  "mcpServers": {
    "a": {"httpUrl": "https://h/mcp", "url": "https://h/sse", "headers": {"Authorization": "Bearer $TOKEN"},
          "timeout": 30000, "trust": true},
    "b": {"command": "x", "env": {"KEY": "$TOKEN", "P": "a$TOKEN", "Q": "$NONE"}, "cwd": "./d",
          "includeTools": ["one"], "excludeTools": ["two"]},
    "c": {"command": "x", "includeTools": []},
    "d": {"command": "x"},
    "e": {"command": "x"}
  }
})",
            "/home/me/.gemini/settings.json: not used: mcpServers.a.trust, mcpServers.a.url"
        ),
        "a url=\"https://h/mcp\" headers={\"Authorization\": \"Bearer t\"} timeout=30s\n"
        "b command=\"x\" env={\"KEY\": \"t\", \"P\": \"a$TOKEN\", \"Q\": \"$NONE\"} cwd=\"./d\" "
        "tools=[\"one\"] hidden_tools=[\"two\"]\n"
        "c command=\"x\" hidden_tools=[\"*\"]"
    );
}

TEST(client_files, cline) {
    EXPECT_EQ(
        read(
            "cline_mcp_settings.json",
            R"({"mcpServers": {
  "a": {"autoApprove": ["x"], "disabled": false, "timeout": 60, "type": "stdio", "command": "x"},
  "b": {"disabled": true, "command": "${NONE}"},
  "c": {"type": "streamableHttp", "url": "http://h/"},
  "d": {"transportType": "sse", "url": "http://h/sse"}
}})",
            "cline_mcp_settings.json: not used: mcpServers.a.autoApprove"
        ),
        "a command=\"x\" timeout=1m\n"
        "c url=\"http://h/\" transport=\"streamable-http\"\n"
        "d url=\"http://h/sse\" transport=sse"
    );
}

TEST(client_files, roo_code) {
    EXPECT_EQ(
        read(
            ".roo/mcp.json",
            R"({"mcpServers": {
  "a": {"command": "x", "args": [], "alwaysAllow": ["y"], "disabledTools": ["y", "z"], "timeout": 3600,
        "watchPaths": ["build"]},
  "b": {"type": "streamable-http", "url": "http://h/"}
}})",
            ".roo/mcp.json: not used: mcpServers.a.alwaysAllow, mcpServers.a.watchPaths"
        ),
        "a command=\"x\" timeout=1h hidden_tools=[\"y\", \"z\"]\n"
        "b url=\"http://h/\" transport=\"streamable-http\""
    );
}

TEST(client_files, zed) {
    EXPECT_EQ(
        read(
            "/home/me/.config/zed/settings.json",
            R"({
  // Zed's own settings
  "agent": {"profiles": {"p": {"context_servers": {"x": {"tools": {}}}}}},
  "context_servers": {
    "a": {"source": "custom", "command": "x", "args": ["y"], "env": {}, "enabled": true},
    "b": {"source": "custom", "url": "http://h/", "headers": {"K": "v"}},
    "c": {"command": {"path": "x", "args": ["z"]}, "settings": {}},
    "d": {"enabled": false, "source": "extension", "settings": {}},
  }
})",
            "/home/me/.config/zed/settings.json: not used: context_servers.c.settings"
        ),
        "a command=\"x\" args=[\"y\"]\nb url=\"http://h/\" headers={\"K\": \"v\"}\n"
        "c command=\"x\" args=[\"z\"]"
    );
}

TEST(client_files, zed_with_all_in_the_map_of_the_command) {
    EXPECT_EQ(
        read(
            "settings.json",
            R"({"context_servers": {
  "a": {"command": {"path": "x", "args": ["${K}"], "env": {"K": "v", "N": null}, "other": 1}},
  "b": {"command": {"path": "x", "env": {"K": "v", "L": "l"}}, "env": {"K": "of the entry"}}
}})",
            "settings.json: not used: context_servers.a.env.N (it is null), "
            "context_servers.a.command.other"
        ),
        "a command=\"x\" args=[\"$${K}\"] env={\"K\": \"v\"}\n"
        "b command=\"x\" env={\"K\": \"of the entry\", \"L\": \"l\"}"
    );
    EXPECT_EQ(
        read_json(R"({"context_servers": {"a": {"command": {"path": "x", "path": "y"}}}})")
            .errors(),
        "f.json:1: \"path\" appears twice; first at f.json:1"
    );
}

TEST(client_files, copilot_cli) {
    EXPECT_EQ(
        read("/home/me/.copilot/mcp-config.json", R"({"mcpServers": {
  "a": {"type": "local", "command": "npx", "args": ["x"], "tools": ["*"], "env": {"K": "$TOKEN"}},
  "b": {"type": "http", "url": "http://h/", "tools": ["one", "two"], "headers": {}}
}})"),
        "a command=\"npx\" args=[\"x\"] env={\"K\": \"t\"}\n"
        "b url=\"http://h/\" tools=[\"one\", \"two\"]"
    );
}

TEST(client_files, open_code) {
    EXPECT_EQ(
        read(
            "opencode.jsonc",
            R"({
  "$schema": "https://h/config.json",
  "mcp": {
    "a": {"type": "local", "command": ["npx", "-y", "x"], "environment": {"K": "{env:TOKEN}"}, "enabled": true},
    "b": {"type": "remote", "url": "http://h/", "headers": {"K": "Bearer {env:TOKEN}"}, "timeout": 5000},
    "c": {"type": "local", "command": ["x"], "enabled": false},
  }
})",
            "opencode.jsonc: not used: mcp.b.timeout"
        ),
        "a command=\"npx\" args=[\"-y\", \"x\"] env={\"K\": \"t\"}\n"
        "b url=\"http://h/\" headers={\"K\": \"Bearer t\"}"
    );
    EXPECT_EQ(
        read("opencode.json", R"({"mcp": {"servers": {
  "a": {"type": "local", "command": ["x"], "disabled": false}, "b": {"disabled": true, "command": ["x"]}
}}})"),
        R"(a command="x")"
    );
}

TEST(client_files, continue_in_yaml) {
    EXPECT_EQ(
        read(
            "config.yaml",
            R"(name: mine
models:
  - name: m
mcpServers:
  - name: Local One
    command: uvx
    args: [x, --db, t.db]
    env: {K: "${TOKEN}"}
    faviconUrl: http://h/i
  - name: web
    type: streamable-http
    url: http://h/
    requestOptions: {headers: {K: v}, verifySsl: false}
)",
            "config.yaml:5: the upstream \"Local One\" is called local-one here\n"
            "config.yaml: not used: mcpServers.Local One.faviconUrl, "
            "mcpServers.web.requestOptions.verifySsl"
        ),
        "local-one command=\"uvx\" args=[\"x\", \"--db\", \"t.db\"] env={\"K\": \"t\"}\n"
        "web url=\"http://h/\" transport=\"streamable-http\" headers={\"K\": \"v\"}"
    );
    EXPECT_NE(
        read_file("c.yaml", "mcpServers: [{name: a, url: 'http://h/', apiKey: '${{ secrets.K }}'}]")
            .errors()
            .find("mcpServers.a.apiKey cannot be used: write \"headers\""),
        std::string::npos
    );
}

TEST(client_files, lm_studio) {
    EXPECT_EQ(
        read(
            "mcp.json",
            R"({"mcpServers": {"hf": {"url": "https://h/mcp", "headers": {"Authorization": "Bearer x"}}}})"
        ),
        R"(hf url="https://h/mcp" headers={"Authorization": "Bearer x"})"
    );
}

// mcp-remote replaces ${AUTH_HEADER} itself; its value must not stand in the list of processes.
TEST(client_files, variables_of_an_entry_stay_in_args_and_are_expanded_elsewhere) {
    EXPECT_EQ(
        read("m.json", R"({"mcpServers": {
  "a": {"command": "npx", "args": ["--header", "Authorization:${AUTH_HEADER}", "${PORT}", "${TOKEN}"],
        "env": {"AUTH_HEADER": "Bearer ${TOKEN}", "TOKEN": "own ${TOKEN}"}},
  "b": {"url": "http://h/${X}", "headers": {"K": "${TOKEN}", "L": "${PORT}"}, "env": {"X": "x", "TOKEN": "${PORT}${X:-d}"}}
}})"),
        "a command=\"npx\" args=[\"--header\", \"Authorization:$${AUTH_HEADER}\", \"1\", "
        "\"$${TOKEN}\"] "
        "env={\"AUTH_HEADER\": \"Bearer t\", \"TOKEN\": \"own t\"}\n"
        "b url=\"http://h/x\" headers={\"K\": \"1d\", \"L\": \"1\"}"
    );
}

TEST(client_files, a_file_of_variables_comes_behind_those_of_the_entry) {
    const Folder folder;
    folder.write(
        ".env",
        "# mine\nexport TOKEN=file # not more\nQ='a b'\nR=\"a\\nb\"\n\nE=\nPORT = 2\nOWN=file\n"
    );
    const auto outcome = read_file(folder.path("mcp.json"), R"({"mcpServers": {
  "a": {"command": "${TOKEN}", "args": ["${TOKEN}", "${OWN}"], "envFile": "${workspaceFolder}/.env",
        "env": {"OWN": "${PORT}"}},
  "b": {"url": "http://h/${OWN}", "envFile": ".env"},
  "c": {"command": "x", "envFile": "none"}
}})");
    EXPECT_EQ(
        shown(outcome),
        "a command=\"file\" args=[\"$${TOKEN}\", \"$${OWN}\"] env={\"E\": \"\", \"OWN\": \"2\", "
        "\"PORT\": "
        "\"2\", \"Q\": \"a b\", \"R\": \"a\\x0ab\", \"TOKEN\": \"file\"}\nb url=\"http://h/file\""
    );
    EXPECT_EQ(
        folder.cut_from(outcome.errors()),
        "mcp.json:5: mcpServers.c.envFile: cannot be read: No such file or directory"
    );
    folder.write(".env", "A=1\nnonsense secret\n");
    const auto bad = read_file(
        folder.path("mcp.json"), R"({"mcpServers": {"a": {"command": "x", "envFile": ".env"}}})"
    );
    EXPECT_EQ(
        folder.cut_from(bad.errors()),
        "mcp.json:1: mcpServers.a.envFile: line 2: expected NAME=value"
    );
}

}  // namespace
}  // namespace gw::app::test
