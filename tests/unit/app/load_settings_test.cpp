#include "app/load_settings.hpp"

#include "app/document.hpp"
#include "app/mcp_servers.hpp"
#include "unit/app/files.hpp"
#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

class LoadSettings : public testing::Test {
protected:
    std::string write(const std::string& name, std::string_view text) {
        return folder.write(name, text);
    }

    // The errors, with the folder's name cut out.
    std::string errors() {
        const auto loaded = load_settings(sources, environment_of(variables));
        if (loaded) return "";
        return folder.cut_from(loaded.error().text);
    }

    // Why upstreams are left out, the same way.
    std::string left_out() {
        const auto loaded = load_settings(sources, environment_of(variables));
        if (!loaded) return "nothing is loaded";
        Report report;
        report.left_out = loaded->left_out;
        return folder.cut_from(report.error_text());
    }

    Settings settings() {
        auto loaded = load_settings(sources, environment_of(variables));
        EXPECT_TRUE(loaded) << loaded.error().text;
        return loaded ? std::move(loaded->settings) : Settings{};
    }

    Folder folder;
    Sources sources;
    std::map<std::string, std::string> variables;
};

TEST_F(LoadSettings, adds_the_upstreams_of_all_files) {
    sources.config = write("b.yaml", "upstreams: {a: {command: x}}\n");
    sources.mcp_servers = {
        write("1.json", R"({"mcpServers": {"b": {"command": "x"}}})"),
        write("2.json", R"({"servers": {"c": {"command": "x"}}})")
    };
    std::string names;
    for (const auto& upstream : settings().upstreams)
        names += upstream.name;
    EXPECT_EQ(names, "abc");
}

TEST_F(LoadSettings, names_both_files_that_give_the_same_name) {
    sources.config = write("b.yaml", "\nupstreams:\n  git-hub: {command: x}\n");
    sources.mcp_servers = {write("m.json", R"({"mcpServers": {"Git Hub": {"command": "x"}}})")};
    EXPECT_EQ(settings().upstreams.size(), 1U);
    EXPECT_EQ(
        left_out(), "m.json:1: the name \"git-hub\" belongs to the upstream at b.yaml:3 already"
    );
}

TEST_F(LoadSettings, an_upstream_that_cannot_be_used_never_stops_the_others) {
    const auto ca = write("ca.pem", "no certificate");
    sources.config = write(
        "b.yaml",
        "upstreams:\n  a: {command: x}\n  b: {comand: x}\n  c: {url: ftp://h}\n  d: {timeout: 5s}\n"
        "  e: {url: 'https://h', ca_file: " +
            ca +
            "}\n  f: {url: 'http://169.254.1.1/'}\n"
            "  a: {command: y}\n"
    );
    sources.mcp_servers = {
        write("m.json", R"({"mcpServers": {"g": {"url": "${NONE}"}, "h": {"command": "x"}}})")
    };
    const auto loaded = settings();
    ASSERT_EQ(loaded.upstreams.size(), 2U);
    EXPECT_EQ(loaded.upstreams[0].command, "x");
    EXPECT_EQ(loaded.upstreams[1].name, "h");
    for (const auto* name :
         {"b.yaml:3: ",
          "b.yaml:4: ",
          "b.yaml:5: ",
          "b.yaml:6: ",
          "b.yaml:7: ",
          "b.yaml:8: \"a\" appears twice",
          "m.json:1: "})
        EXPECT_NE(left_out().find(name), std::string::npos) << name << left_out();
}

TEST_F(LoadSettings, at_a_reload_an_upstream_that_cannot_be_used_stays_as_it_was) {
    sources.config =
        write("b.yaml", "upstreams: {a: {command: x}, b: {url: 'http://10.0.0.1/'}}\n");
    const auto before = settings();
    write(
        "b.yaml",
        "upstreams: {a: {command: y, args: z}, b: {url: 'http://10.0.0.1/'}, c: {command: x}}\n"
        "servers: {s: {upstreams: [a, c]}}\negress: {denied_networks: [10.0.0.0/8]}\n"
    );
    const auto loaded = load_settings(sources, environment_of(variables), &before);
    ASSERT_TRUE(loaded) << loaded.error().text;
    ASSERT_EQ(loaded->settings.upstreams.size(), 2U);
    EXPECT_EQ(loaded->settings.upstreams[0].name, "c");
    EXPECT_EQ(loaded->settings.upstreams[1].command, "x");
    EXPECT_EQ(loaded->settings.servers[0].upstreams, (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(loaded->left_out.size(), 2U);
}

TEST_F(LoadSettings, reads_utf_16_with_a_byte_order_mark) {
    const auto encoded = [](bool is_little_endian, std::u16string_view units) {
        std::string bytes;
        for (const char16_t unit : units) {
            const char high = static_cast<char>(unit >> 8U);
            const char low = static_cast<char>(unit & 0xFFU);
            bytes += is_little_endian ? low : high;
            bytes += is_little_endian ? high : low;
        }
        return bytes;
    };
    const std::u16string units =
        u"\uFEFF{\"mcpServers\": {\"\u00E4\": {\"command\": \"\U0001F680\"}}}";
    for (const bool is_little_endian : {true, false}) {
        sources.mcp_servers = {write("m.json", encoded(is_little_endian, units))};
        ASSERT_EQ(settings().upstreams.size(), 1U);
        EXPECT_EQ(settings().upstreams[0].command, "\xF0\x9F\x9A\x80");
    }
    const std::u16string unpaired{u'\uFEFF', u'{', static_cast<char16_t>(0xD83D), u'}'};
    write("m.json", encoded(true, unpaired));
    EXPECT_EQ(errors(), "m.json is not UTF-16, as its first bytes say");
}

TEST_F(LoadSettings, takes_the_address_of_the_command_line) {
    sources.config = write("b.yaml", "listen: 127.0.0.1:1\n");
    sources.listen = "127.0.0.1:2";
    EXPECT_EQ(settings().listen, "127.0.0.1:2");
}

TEST_F(LoadSettings, checks_the_address_of_the_command_line_too) {
    sources.listen = "0.0.0.0:2";
    EXPECT_NE(errors(), "");
    sources.listen = "nonsense";
    EXPECT_NE(errors(), "");
}

TEST_F(LoadSettings, takes_the_command_line_then_the_file_then_the_environment_then_the_default) {
    variables = {{"BASCULE_LISTEN", "127.0.0.1:3"}, {"BASCULE_ALLOWED_HOSTS", "a,b"}};
    EXPECT_EQ(settings().listen, "127.0.0.1:3");
    EXPECT_EQ(settings().workers, 0U);
    sources.config = write("b.yaml", "listen: 127.0.0.1:2\n");
    EXPECT_EQ(settings().listen, "127.0.0.1:2");
    EXPECT_EQ(settings().allowed_hosts, (std::vector<std::string>{"a", "b"}));
    write("b.yaml", "allowed_hosts: [c]\n");
    EXPECT_EQ(settings().allowed_hosts, (std::vector<std::string>{"c"}));
    sources.listen = "127.0.0.1:1";
    EXPECT_EQ(settings().listen, "127.0.0.1:1");
}

TEST_F(LoadSettings, checks_what_variables_say_as_it_checks_a_file) {
    variables = {{"BASCULE_LISTEN", "0.0.0.0:2"}};
    EXPECT_NE(errors().find("nobody would be asked for a token"), std::string::npos);
    variables = {{"BASCULE_AUTH_TOKENS_FILE", folder.path("none")}};
    EXPECT_EQ(errors(), "auth.tokens_file: none cannot be read: No such file or directory");
}

TEST_F(LoadSettings, warns_of_variables_that_set_nothing_though_their_name_says_so) {
    sources.config = write("b.yaml", "upstreams: {a: {command: x, env: {A: '${BASCULE_USED}'}}}\n");
    variables = {
        {"BASCULE_TIMEOUT_CALL", "30s"},
        {"BASCULE_UPSTREAMS_A_URL", "http://h"},
        {"BASCULE_USED", "u"},
        {"BASCULE_TOKEN", "t"},
        {"BASCULE_PORT", "tcp://10.0.0.1:80"},
        {"BASCULE_PORT_80_TCP_ADDR", "10.0.0.1"},
        {"BASCULE_SERVICE_HOST", "10.0.0.1"},
        {"BASCULE_LISTEN", "127.0.0.1:0"},
        {"bascule_workers", "1"}
    };
    const auto loaded = load_settings(sources, environment_of(variables));
    ASSERT_TRUE(loaded) << loaded.error().text;
    EXPECT_EQ(
        loaded->warnings,
        (std::vector<std::string>{"the environment: not used: BASCULE_TIMEOUT_CALL (the nearest is "
                                  "BASCULE_TIMEOUTS_CALL), "
                                  "BASCULE_UPSTREAMS_A_URL (only a file says that)"})
    );
}

TEST_F(LoadSettings, a_variable_of_its_own_stands_above_the_usual_one_of_a_proxy) {
    variables = {{"HTTPS_PROXY", "http://one:1"}, {"BASCULE_PROXY_HTTPS_PROXY", "http://two:2"}};
    EXPECT_EQ(settings().proxy.https_proxy, "http://two:2");
}

TEST_F(LoadSettings, takes_proxies_from_the_environment_unless_the_file_names_them) {
    variables = {
        {"HTTPS_PROXY", "http://one:1"}, {"http_proxy", "two:2"}, {"NO_PROXY", "a, .b.example,,c"}
    };
    EXPECT_EQ(settings().proxy.https_proxy, "http://one:1");
    EXPECT_EQ(settings().proxy.http_proxy, "http://two:2");
    EXPECT_EQ(settings().proxy.no_proxy, (std::vector<std::string>{"a", ".b.example", "c"}));
    sources.config = write("b.yaml", "proxy: {https_proxy: 'http://three:3', http_proxy: ''}\n");
    EXPECT_EQ(settings().proxy.https_proxy, "http://three:3");
    EXPECT_EQ(settings().proxy.http_proxy, "");
}

TEST_F(LoadSettings, refuses_proxies_that_it_cannot_use) {
    variables = {{"HTTPS_PROXY", "socks5://user:secret@h:1"}};
    EXPECT_EQ(
        errors(),
        "the variable HTTPS_PROXY: proxy.https_proxy: expected http://HOST:PORT; no other kind of "
        "proxy is supported"
    );
}

TEST_F(LoadSettings, says_which_file_cannot_be_read) {
    sources.config = folder.path("none.yaml");
    EXPECT_EQ(errors(), "none.yaml cannot be read: No such file or directory");
    sources.config = folder.path("");
    EXPECT_NE(errors().find("Is a directory"), std::string::npos);
}

TEST_F(LoadSettings, refuses_files_that_are_too_large) {
    sources.config = write("b.yaml", std::string(file_bytes_max, '#'));
    EXPECT_EQ(errors(), "");
    write("b.yaml", std::string(file_bytes_max + 1, '#'));
    EXPECT_EQ(errors(), "b.yaml is larger than 1 MiB");
}

TEST_F(LoadSettings, looks_at_the_files_that_settings_name) {
    const auto key = write("key.pem", "x");
    sources.config = write(
        "b.yaml",
        "tls: {certificate: '" + folder.path("no.pem") + "', key: '" + key +
            "'}\nauth: {tokens_file: '" + write("tokens", "nonsense\n") + "'}\n"
    );
    EXPECT_EQ(
        errors(),
        "tls.certificate: no.pem cannot be read: No such file or directory\n"
        "auth.tokens_file: tokens:1: expected NAME:sha256: and 64 hexadecimal digits"
    );
}

TEST_F(LoadSettings, accepts_the_examples) {
    const std::string examples = std::string(GW_SOURCE_DIR) + "/examples/";
    sources.config = examples + "bascule.yaml";
    EXPECT_EQ(settings().upstreams.size(), 3U);
    sources.config.reset();
    sources.mcp_servers = {examples + "mcp.json"};
    EXPECT_EQ(settings().upstreams.size(), 2U);
}

TEST(mcp_servers_file, is_known_by_its_name_or_its_text) {
    EXPECT_TRUE(is_mcp_servers_file("mcp.json", ""));
    EXPECT_TRUE(is_mcp_servers_file("settings", "\n {}"));
    EXPECT_TRUE(is_mcp_servers_file("settings", "// x\n{}"));
    EXPECT_FALSE(is_mcp_servers_file("b.yaml", "{}"));
    EXPECT_TRUE(is_mcp_servers_file("b.yaml", "name: x\nmcpServers:\n"));
    EXPECT_FALSE(is_mcp_servers_file("settings", "listen: x"));
    EXPECT_FALSE(is_mcp_servers_file("settings", ""));
}

}  // namespace
}  // namespace gw::app::test
