#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

TEST(mcp_servers, reads_the_file_of_claude_desktop) {
    const auto outcome = read_json(R"({
  "globalShortcut": "Ctrl+Space",
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/tmp"],
      "env": {"DEBUG": "1"}
    }
  }
})");
    EXPECT_EQ(outcome.errors() + outcome.warnings(), "");
    ASSERT_EQ(outcome.settings.upstreams.size(), 1U);
    const auto& upstream = outcome.settings.upstreams[0];
    EXPECT_EQ(upstream.name, "filesystem");
    EXPECT_EQ(upstream.place.text, "f.json:4");
    EXPECT_EQ(upstream.command, "npx");
    EXPECT_EQ(upstream.args.size(), 3U);
    EXPECT_EQ(upstream.env.at("DEBUG"), "1");
}

TEST(mcp_servers, reads_the_file_of_vs_code) {
    const auto outcome = read_json(
        R"({
  // from the editor
  "inputs": [],
  "servers": {
    "github": {"type": "http", "url": "https://api.example.com/mcp/",
               "headers": {"Authorization": "Bearer ${env:TOKEN}"}},
    "old": {"type": "sse", "url": "http://localhost:1/sse",},
    "new": {"type": "streamable-http", "url": "http://localhost:1/mcp"},
    "local": {"type": "stdio", "command": "x", "cwd": "/srv"},
  },
})",
        environment_of({{"TOKEN", "t"}})
    );
    EXPECT_EQ(outcome.errors() + outcome.warnings(), "");
    const auto& upstreams = outcome.settings.upstreams;
    ASSERT_EQ(upstreams.size(), 4U);
    EXPECT_EQ(upstreams[0].headers.at("Authorization"), "Bearer t");
    EXPECT_EQ(upstreams[0].transport, UpstreamTransport::automatic);
    EXPECT_EQ(upstreams[1].transport, UpstreamTransport::sse);
    EXPECT_EQ(upstreams[2].transport, UpstreamTransport::streamable_http);
    EXPECT_EQ(upstreams[3].cwd, "/srv");
}

TEST(mcp_servers, warns_of_what_is_not_used) {
    const auto outcome = read_json(R"({"mcpServers": {
"a": {"command": "x", "autoApprove": [], "timeout": 5},
"b": {"url": "http://h/", "args": ["x"], "headers": {"Content-Type": "application/json"}},
"c": {"command": "x", "headers": {}}
}})");
    EXPECT_EQ(outcome.errors(), "");
    EXPECT_EQ(
        outcome.warnings(),
        "f.json:2: mcpServers.a.autoApprove is not used\n"
        "f.json:2: mcpServers.a.timeout is not used\n"
        "f.json:3: mcpServers.b.args is not used: it is for a command\n"
        "f.json:3: mcpServers.b.headers.Content-Type is not used: the gateway writes it itself\n"
        "f.json:4: mcpServers.c.headers is not used: it is for a url"
    );
    EXPECT_TRUE(outcome.settings.upstreams.at(1).headers.empty());
}

TEST(mcp_servers, skips_what_is_disabled) {
    const auto outcome = read_json(R"({"mcpServers": {
"a": {"command": "${NONE}", "disabled": true}, "b": {"command": "x", "disabled": false}}})");
    EXPECT_EQ(outcome.errors() + outcome.warnings(), "");
    ASSERT_EQ(outcome.settings.upstreams.size(), 1U);
    EXPECT_EQ(outcome.settings.upstreams[0].name, "b");
}

TEST(mcp_servers, reports_every_error_with_its_line) {
    EXPECT_EQ(
        read_json(R"({"mcpServers": {
"a": {"command": ["x"]},
"b": {"command": "x", "args": "y"},
"c": {"url": "localhost:1"},
"d": {"command": "x", "env": {"T": "${NONE}"}},
"e": {"url": "http://h/", "headers": {"K": "${input:key}"}},
"f": {"type": "carrier-pigeon", "command": "x"},
"g": {"type": "sse", "command": "x"},
"h": {"type": "stdio", "url": "http://h/"},
"i": 5,
"!": {"command": "x"}
}})")
            .errors(),
        R"(f.json:2: mcpServers.a.command: expected a program; not a list
f.json:3: mcpServers.b.args: expected a list of arguments; not a text
f.json:4: mcpServers.c.url: expected an http:// or https:// URL without credentials and fragment
f.json:5: mcpServers.d.env: the variable NONE is not set
f.json:6: mcpServers.e.headers: ${input:key} asks a user, and nobody sits here: set a variable and )"
        R"(write ${env:key}
f.json:7: mcpServers.f.type: expected stdio, http, sse or streamable-http
f.json:8: mcpServers.g.type: sse needs a url
f.json:9: mcpServers.h.type: stdio needs a command
f.json:10: mcpServers.i: expected a map, not a text
f.json:11: "!" gives no name for an upstream: 1 to 64 characters of A-Za-z0-9._- that start with )"
        R"(a letter or digit)"
    );
}

TEST(mcp_servers, an_entry_that_stands_twice_is_an_error_that_names_both_places) {
    EXPECT_EQ(
        read_json("{\"mcpServers\": {\n\"a\": {\"command\": \"x\"},\n\"a\": {\"command\": \"y\"}}}")
            .errors(),
        "f.json:3: \"a\" stands twice; first at f.json:2"
    );
}

TEST(mcp_servers, a_file_without_servers_is_an_error) {
    EXPECT_EQ(
        read_json("{}").errors(), "f.json:1: there is neither \"mcpServers\" nor \"servers\" here"
    );
    EXPECT_EQ(
        read_json(R"({"mcpServers": []})").errors(),
        "f.json:1: mcpServers: expected a map, not a list"
    );
    EXPECT_EQ(read_json(R"({"mcpServers": {}})").errors(), "");
}

}  // namespace
}  // namespace gw::app::test
