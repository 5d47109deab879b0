#include "app/grammar.hpp"
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

TEST(mcp_servers, names_what_is_not_used_once_in_one_line) {
    const auto outcome = read_json(R"({"mcpServers": {
"a": {"command": "x", "autoApprove": [], "timeout": 5, "description": "d"},
"b": {"url": "http://h/", "args": ["x"], "headers": {"Content-Type": "application/json"}},
"c": {"command": "x", "headers": {}}
}})");
    EXPECT_EQ(outcome.errors(), "");
    EXPECT_EQ(
        outcome.warnings(),
        "f.json: not used: mcpServers.a.autoApprove, mcpServers.a.description, mcpServers.b.args "
        "(it "
        "is for a command), mcpServers.b.headers.Content-Type (the gateway writes it itself), "
        "mcpServers.c.headers (it is for a url)"
    );
    EXPECT_TRUE(outcome.settings.upstreams.at(1).headers.empty());
}

TEST(mcp_servers, a_switch_that_is_neither_true_nor_false_leaves_its_server_out) {
    for (const std::string key : {"disabled", "enabled"}) {
        for (const std::string value :
             {"1", "0", "\"yes\"", "\"off\"", "\"TRUE\"", "\"\"", "null", "[]", "{}"}) {
            const auto read = read_json(
                R"({"mcpServers": {"a": {"command": "x", ")" + key + R"(": )" + value +
                R"(}, "b": {"command": "x"}}})"
            );
            ASSERT_EQ(read.settings.upstreams.size(), 1U) << key << value;
            EXPECT_EQ(read.settings.upstreams.front().name, "b");
            const auto expected =
                "f.json:1: mcpServers.a." + key + ": expected true or false; not ";
            EXPECT_EQ(read.errors().substr(0, expected.size()), expected);
        }
    }
}

TEST(mcp_servers, a_switch_may_stand_in_quotes) {
    const auto read = read_json(R"({"mcpServers": {
"a": {"command": "x", "disabled": "true"}, "b": {"command": "x", "enabled": "true"}}})");
    EXPECT_EQ(read.errors(), "");
    ASSERT_EQ(read.settings.upstreams.size(), 1U);
    EXPECT_EQ(read.settings.upstreams.front().name, "b");
}

TEST(mcp_servers, a_header_with_its_value_in_the_key_is_told_without_the_value) {
    const auto read = read_json(R"({"mcpServers": {
"a": {"url": "http://h/", "headers": {"Authorization: Bearer s3cret": ""}},
"b": {"command": "x", "env": {"TOKEN=s3cret": "y"}}}})");
    EXPECT_FALSE(read.errors().contains("s3cret")) << read.errors();
    EXPECT_TRUE(read.errors().contains("f.json:2: mcpServers.a.headers: ")) << read.errors();
    EXPECT_TRUE(read.errors().contains(
        R"(the key that begins with "Authorization:" holds a value too: write Authorization: VALUE)"
    )) << read.errors();
    EXPECT_TRUE(read.errors().contains(R"(begins with "TOKEN=")")) << read.errors();
}

TEST(mcp_servers, what_chooses_among_servers_is_a_list) {
    const auto read =
        read_json(R"({"mcp": {"excluded": "a"}, "mcpServers": {"a": {"command": "x"}}})");
    EXPECT_EQ(read.errors(), "f.json:1: \"excluded\": expected a list of servers' names");
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
"a": {"command": 5, "args": {}},
"b": {"command": "x", "args": "y"},
"c": {"url": "localhost:1"},
"d": {"command": "x", "env": {"T": "${NONE}"}},
"e": {"url": "http://h/", "headers": {"K": "${input:key}"}},
"f": {"type": "carrier-pigeon", "command": "x"},
"g": {"type": "sse", "command": "x"},
"h": {"type": "stdio", "url": "http://h/"},
"i": 5,
"j": {"url": "http://h/", "headersHelper": "x"},
"k": {"url": "http://h/", "oauth": {"clientId": "x"}},
"l": {"source": "extension", "settings": {}}
}})")
            .errors(),
        R"(f.json:2: mcpServers.a.args: expected a list of arguments; not a map
f.json:3: mcpServers.b.args: expected a list of arguments; not a text
f.json:4: mcpServers.c.url: expected an http:// or https:// URL without credentials and fragment
f.json:5: mcpServers.d.env: the variable NONE is not set
f.json:6: mcpServers.e.headers: ${input:key} is a question to the user of an editor: set a variable )"
        R"(and write ${NAME}
f.json:7: mcpServers.f.type: expected stdio, local, http, remote, sse or streamable-http
f.json:8: mcpServers.g.type: sse needs a url
f.json:9: mcpServers.h.type: stdio needs a command
f.json:10: mcpServers.i: expected a map, not a text
f.json:11: mcpServers.j.headersHelper cannot be used: no program is run for headers; write )"
        R"("headers", with ${NAME} for what is secret
f.json:12: mcpServers.k.oauth cannot be used: write "headers": {"Authorization": "Bearer ${NAME}"} )"
        R"(and set the variable
f.json:13: mcpServers.l.source: only the editor knows what the extension starts; write "command")"
    );
}

TEST(mcp_servers, an_entry_that_stands_twice_is_an_error_that_names_both_places) {
    EXPECT_EQ(
        read_json("{\"mcpServers\": {\n\"a\": {\"command\": \"x\"},\n\"a\": {\"command\": \"y\"}}}")
            .errors(),
        "f.json:3: \"a\" appears twice; first at f.json:2"
    );
}

TEST(mcp_servers, an_entry_that_stands_twice_is_told_if_one_of_the_two_is_off) {
    constexpr auto told = "f.json:3: \"a\" appears twice; first at f.json:2";
    EXPECT_EQ(
        read_json("{\"mcpServers\": {\n\"a\": {\"command\": \"x\"},\n"
                  "\"a\": {\"command\": \"y\", \"disabled\": true}}}")
            .errors(),
        told
    );
    EXPECT_EQ(
        read_json("{\"mcpServers\": {\n\"a\": {\"command\": \"x\", \"enabled\": false},\n"
                  "\"a\": {\"command\": \"y\"}}}")
            .errors(),
        told
    );
}

TEST(mcp_servers, a_name_without_a_usable_character_is_made_of_its_digest) {
    const auto outcome =
        read_json(R"({"mcpServers": {"!": {"command": "x"}, "サーバー": {"command": "y"}}})");
    EXPECT_EQ(outcome.errors(), "");
    ASSERT_EQ(outcome.settings.upstreams.size(), 2U);
    const auto& first = outcome.settings.upstreams[0].name;
    EXPECT_TRUE(is_name(first) && first.starts_with("server-") && first.size() == 15) << first;
    EXPECT_NE(first, outcome.settings.upstreams[1].name);
}

TEST(mcp_servers, a_file_without_servers_is_an_error) {
    EXPECT_EQ(
        read_json("{}").errors(),
        "f.json:1: there are no servers here: they stand under \"mcpServers\", \"servers\", "
        "\"context_servers\" or \"mcp\""
    );
    EXPECT_EQ(
        read_json(R"({"mcpServers": "x"})").errors(),
        "f.json:1: mcpServers: expected a map, not a text"
    );
    EXPECT_EQ(read_json(R"({"mcpServers": {}})").errors(), "");
}

}  // namespace
}  // namespace gw::app::test
