#include "app/command_line.hpp"

#include "app/settings_table.hpp"
#include "unit/app/files.hpp"
#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <sys/stat.h>

namespace gw::app::test {
namespace {

class CommandLine : public testing::Test {
protected:
    Command parse(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "bascule");
        out.str("");
        err.str("");
        const auto count = static_cast<int>(arguments.size());
        return parse_command_line(count, arguments.data(), environment_of({}), out, err);
    }

    // The exit code of a command that does not serve.
    int run(const std::vector<const char*>& arguments, const std::string& input = "") {
        const auto command = parse(arguments);
        std::istringstream in(input);
        return run_command(command, environment_of({}), in, out, err);
    }

    Folder folder;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(CommandLine, serve_loads_what_it_is_told_to) {
    const auto config = folder.write("b.yaml", "upstreams: {a: {command: x}}\n");
    const auto servers =
        folder.write("m.json", R"({"mcpServers": {"b": {"command": "x", "q": 1}}})");
    const auto command = parse(
        {"serve",
         "--config",
         config.c_str(),
         "--mcp-servers",
         servers.c_str(),
         "--listen",
         "[::1]:0"}
    );
    EXPECT_EQ(command.kind, Command::Kind::serve) << err.str();
    EXPECT_EQ(command.settings.listen, "[::1]:0");
    EXPECT_EQ(command.settings.upstreams.size(), 2U);
    EXPECT_EQ(command.warnings.size(), 1U);
    EXPECT_EQ(
        command.sources, (Sources{.config = config, .mcp_servers = {servers}, .listen = "[::1]:0"})
    );
}

TEST_F(CommandLine, serve_ends_with_2_and_every_error_of_the_configuration) {
    const auto config = folder.write("b.yaml", "limit: 5\nworkers: x\n");
    const auto command = parse({"serve", "--config", config.c_str()});
    EXPECT_EQ(command.kind, Command::Kind::done);
    EXPECT_EQ(command.exit_code, 2);
    EXPECT_EQ(
        folder.cut_from(err.str()),
        "bascule: b.yaml:1: unknown key \"limit\"; the nearest is \"limits\"\n"
        "bascule: b.yaml:2: workers: expected auto or a whole number from 1 to 256; not \"x\"\n"
    );
}

TEST_F(CommandLine, a_file_of_a_client_is_told_from_one_of_settings) {
    const auto file = folder.write("m.json", R"({"mcpServers": {"c": {"command": "sh"}}})");
    EXPECT_EQ(parse({"serve", "--config", file.c_str()}).exit_code, 2);
    EXPECT_NE(err.str().find("give such a file as --mcp-servers FILE"), std::string::npos);
    EXPECT_EQ(parse({"serve", file.c_str()}).exit_code, 2);
    EXPECT_NE(err.str().find("serve takes files as --config FILE"), std::string::npos);
}

TEST_F(CommandLine, serve_needs_something_to_serve) {
    EXPECT_EQ(parse({"serve"}).exit_code, 2);
    EXPECT_NE(err.str().find("nothing to serve"), std::string::npos);
}

TEST_F(CommandLine, wrong_usage_ends_with_2) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"dance"}), 2);
    EXPECT_EQ(run({"serve", "--frobnicate"}), 2);
    EXPECT_EQ(run({"serve", "--listen", "nonsense"}), 2);
    EXPECT_EQ(run({"check"}), 2);
    EXPECT_FALSE(err.str().empty());
}

TEST_F(CommandLine, a_subcommand_that_does_not_exist_is_named_with_the_nearest) {
    EXPECT_EQ(run({"chek", "x"}), 2);
    EXPECT_EQ(
        err.str(),
        "bascule: there is no subcommand \"chek\"; the nearest is \"check\". Run bascule --help to "
        "see all\n"
    );
    EXPECT_EQ(run({"server"}), 2);
    EXPECT_NE(err.str().find("the nearest is \"serve\""), std::string::npos);
}

TEST_F(CommandLine, help_has_an_example_and_the_exit_codes) {
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_NE(out.str().find("bascule serve --mcp-servers"), std::string::npos);
    EXPECT_NE(out.str().find("3  cannot listen on the address"), std::string::npos);
    EXPECT_EQ(run({"serve", "--help"}), 0);
    EXPECT_NE(out.str().find("--mcp-servers"), std::string::npos);
}

TEST_F(CommandLine, version_is_printed) {
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(out.str().substr(0, 8), "bascule ");
}

TEST_F(CommandLine, check_says_ok_and_what_would_be_served) {
    const auto yaml = folder.write(
        "b.yaml",
        "upstreams: {a: {command: sh}, b: {command: sh}}\nservers: {s: {upstreams: [a]}}\n"
    );
    EXPECT_EQ(run({"check", yaml.c_str()}), 0);
    EXPECT_EQ(
        folder.cut_from(out.str()),
        "b.yaml: ok\n  listen on 127.0.0.1:8080, 2 upstreams (a, b), 1 virtual server (s)\n"
    );
    const auto json = folder.write("m.json", R"({"mcpServers": {"c": {"command": "sh"}}})");
    EXPECT_EQ(run({"check", json.c_str()}), 0);
    EXPECT_NE(out.str().find("1 upstream (c), 0 virtual servers"), std::string::npos);
}

TEST_F(CommandLine, check_ends_with_2_for_any_bad_file) {
    const auto good = folder.write("good.json", R"({"mcpServers": {"c": {"command": "sh"}}})");
    const auto bad = folder.write("bad.yaml", "listen: 0.0.0.0:80\n");
    EXPECT_EQ(run({"check", bad.c_str(), good.c_str()}), 2);
    EXPECT_NE(err.str().find("can be reached from other machines"), std::string::npos);
    EXPECT_EQ(run({"check", folder.path("none").c_str()}), 2);
}

TEST_F(CommandLine, check_leaves_out_what_serve_leaves_out_of_the_same_files) {
    const auto config = folder.write(
        "b.yaml", "upstreams: {a: {command: sh}, self: {url: 'http://localhost:8080/mcp'}}\n"
    );
    const auto servers = folder.write("m.json", R"({"mcpServers": {"a": {"command": "sh"}}})");
    for (const bool are_named : {false, true}) {
        const std::vector<const char*> files{config.c_str(), servers.c_str()};
        std::vector<const char*> check{"check", files[0], files[1]};
        if (are_named) check = {"check", "--config", files[0], "--mcp-servers", files[1]};
        EXPECT_EQ(run(check), 2);
        EXPECT_NE(err.str().find("the upstream self is this gateway itself"), std::string::npos);
        EXPECT_NE(err.str().find("the name \"a\" belongs to the upstream at"), std::string::npos);
        EXPECT_EQ(
            folder.cut_from(out.str()),
            "b.yaml, m.json: starts without 2 upstreams (self, a)\n"
            "  listen on 127.0.0.1:8080, 1 upstream (a), 0 virtual servers\n"
        );
        const auto serve = parse({"serve", "--config", files[0], "--mcp-servers", files[1]});
        EXPECT_EQ(serve.left_out.size(), 2U);
        EXPECT_EQ(serve.settings.upstreams.size(), 1U);
    }
    EXPECT_EQ(run({"check", config.c_str(), "--listen", "127.0.0.1:81"}), 0) << err.str();
}

TEST_F(CommandLine, check_takes_one_file_of_settings) {
    const auto one = folder.write("one.yaml", "workers: 1\n");
    const auto other = folder.write("other.yaml", "workers: 2\n");
    EXPECT_EQ(run({"check", one.c_str(), other.c_str()}), 2);
    EXPECT_NE(err.str().find("are both settings"), std::string::npos);
}

TEST_F(CommandLine, check_finds_a_certificate_that_the_start_could_not_use) {
    const auto broken = folder.write("broken.pem", "none\n");
    const auto file =
        folder.write("b.yaml", "tls: {certificate: " + broken + ", key: " + broken + "}\n");
    EXPECT_EQ(run({"check", file.c_str()}), 2);
    EXPECT_NE(err.str(), "");
}

TEST_F(CommandLine, check_names_each_program_and_folder_that_is_not_there) {
    const auto file = folder.write(
        "b.yaml",
        "upstreams:\n  a: {command: no-such-program}\n  b: {command: sh}\n"
        "  c: {command: sh, cwd: /no/such/folder}\n"
    );
    EXPECT_EQ(run({"check", file.c_str()}), 2);
    EXPECT_NE(err.str().find("a: command: no-such-program is no executable"), std::string::npos);
    EXPECT_NE(err.str().find("c: cwd: the folder was not found"), std::string::npos);
    EXPECT_NE(out.str().find("b.yaml: starts, but not all of it works"), std::string::npos);
    EXPECT_EQ(err.str().find("b: "), std::string::npos) << err.str();
}

TEST_F(CommandLine, check_warns_of_a_tokens_file_that_others_can_write) {
    const auto tokens = folder.write("tokens", "alice:sha256:" + std::string(64, 'a') + "\n");
    const auto file = folder.write("b.yaml", "auth: {tokens_file: " + tokens + "}\n");
    for (const bool is_loose : {false, true}) {
        ::chmod(tokens.c_str(), is_loose ? 0622 : 0644);
        out.str("");
        EXPECT_EQ(run({"check", file.c_str()}), 0);
        EXPECT_EQ(out.str().contains("can be written by others than its owner"), is_loose);
    }
}

TEST_F(CommandLine, config_prints_every_setting) {
    EXPECT_EQ(run({"config"}), 0);
    for (const auto& setting : settings_table())
        EXPECT_NE(out.str().find(setting.name), std::string::npos) << setting.name;
    EXPECT_EQ(run({"config", "--markdown"}), 0);
    EXPECT_EQ(out.str().substr(0, 11), "| setting |");
}

TEST_F(CommandLine, hash_token_prints_the_line_for_the_file) {
    EXPECT_EQ(run({"hash-token", "alice"}, "0123456789abcdef\n"), 0);
    EXPECT_EQ(
        out.str(), "alice:sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f\n"
    );
    EXPECT_EQ(run({"hash-token", "alice"}, "short\n"), 2);
    EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace gw::app::test
