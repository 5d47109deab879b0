#include "upstream/ground/secrets.hpp"

#include "upstream/ground/server_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::upstream {
namespace {

Config config() {
    Config config;
    config.name = "files";
    config.url = "https://us%65r:passw0rd@example.com/s/0123456789abcdef0/mcp?key=s%20ecret1&b=1";
    config.headers = {{"Authorization", "Bearer t0ken-t0ken"}, {"X-Key", R"(a"quote"d)"}};
    config.env = {{"TOKEN", "12345678"}, {"PATH", "/usr/bin"}, {"SHORT", "debug"}};
    config.env["HEADERS"] = R"({"Authorization": "Bearer ntn_0123456789abc"})";
    return config;
}

TEST(secrets, are_left_out_of_what_a_server_says) {
    const auto shown = [](std::string_view text) { return without_secrets(config(), text); };
    EXPECT_EQ(shown("no \"Bearer t0ken-t0ken\" here"), "no \"***\" here");
    EXPECT_EQ(shown("t0ken-t0ken t0ken-t0ken"), "*** ***");
    EXPECT_EQ(
        shown("Bearer is no secret, nor is example.com"), "Bearer is no secret, nor is example.com"
    );
    EXPECT_EQ(shown(R"(X-Key: a"quote"d)"), "X-Key: ***");
    EXPECT_EQ(shown(R"("X-Key: a\"quote\"d")"), R"("X-Key: ***")");
    EXPECT_EQ(shown("passw0rd, ?key=s%20ecret1, s ecret1&b=1"), "***, ?key=***, ***&b=1");
    EXPECT_EQ(shown("POST /s/0123456789abcdef0/mcp"), "POST /s/***/mcp");
    EXPECT_EQ(shown("TOKEN=12345678 ntn_0123456789abc"), "TOKEN=*** ***");
    EXPECT_EQ(shown("/usr/bin debug 200"), "/usr/bin debug 200");
    EXPECT_EQ(shown(""), "");
}

TEST(secrets, are_not_the_words_and_paths_of_other_variables) {
    Config config;
    config.env = {
        {"NODE_ENV", "production"}, {"ROOT", "/srv/all/the/files"}, {"my_pass", "swordfish"}
    };
    EXPECT_EQ(
        without_secrets(config, "production: no swordfish in /srv/all/the/files"),
        "production: no *** in /srv/all/the/files"
    );
}

TEST(secrets, are_passwords_in_base64_too) {
    Config config;
    config.headers = {{"Authorization", "Basic YW5uYTpwYXNzdzByZA=="}};
    EXPECT_EQ(
        without_secrets(config, "anna has no password passw0rd (YW5uYTpwYXNzdzByZA==)"),
        "anna has no password *** (***)"
    );
}

TEST(secrets, are_left_out_where_a_text_was_cut_in_the_middle_of_one) {
    EXPECT_EQ(without_secrets(config(), "no t0ken-t0ke"), "no ***");
    EXPECT_EQ(without_secrets(config(), "en-t0ken is bad"), "*** is bad");
}

TEST(secrets, are_left_out_of_all_texts_of_an_error) {
    Error error{
        Errc::upstream_failed,
        "passw0rd",
        "HTTP 401 t0ken-t0ken" + std::string(5000, 'x'),
        R"({"a":12345678})"
    };
    hide_secrets(config(), error);
    EXPECT_EQ(error.text, "***");
    EXPECT_EQ(error.detail.substr(0, 14), "HTTP 401 ***xx");
    EXPECT_LE(error.detail.size(), 1000U);
    EXPECT_EQ(error.data, "");  // Digits that stood for a number.
}

TEST(secrets, are_left_out_of_a_servers_own_error_and_not_of_results) {
    const auto told = [](mcp::Answer said) {
        Result<mcp::Answer> answer(std::move(said));
        hide_secrets(config(), answer);
        const auto* refused = std::get_if<mcp::Refused>(&*answer);
        return std::string(
            refused != nullptr ? refused->error.view()
                               : std::get<mcp::Completed>(*answer).result.view()
        );
    };
    const auto of = [](std::string_view text) { return Slice(std::string(text)); };
    EXPECT_EQ(
        told(mcp::Refused{of(R"({"code":-1,"message":"got t0ken-t0ken"})")}),
        R"({"code":-1,"message":"got ***"})"
    );
    EXPECT_EQ(told(mcp::Refused{of(R"({"code":-1})")}), R"({"code":-1})");
    EXPECT_EQ(
        told(mcp::Refused{of(R"({"code":-1,"data":12345678})")}),
        R"({"code":-32603,"message":"the server's error quotes a secret, and is not shown"})"
    );
    EXPECT_EQ(told(mcp::Completed{of(R"({"a":"t0ken-t0ken"})")}), R"({"a":"t0ken-t0ken"})");
}

TEST(secrets, are_left_out_of_lines_of_the_log) {
    std::vector<std::string> lines;
    const ServerLog log = [&](std::string_view upstream, std::string_view line) {
        lines.push_back(std::string(upstream) + ": " + std::string(line));
    };
    log(config(), "stderr: 12345678");
    EXPECT_EQ(lines, std::vector<std::string>{"files: stderr: ***"});
}

}  // namespace
}  // namespace gw::upstream
