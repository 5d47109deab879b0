#include "upstream/ground/secrets.hpp"

#include "upstream/ground/server_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gw::upstream {
namespace {

Config config() {
    Config config;
    config.name = "files";
    config.url = "https://us%65r12:passw0rd@example.com/s/0123456789abcdef0/mcp?key=s%20ecret1&b=1";
    config.headers = {{"Authorization", "Bearer t0ken-t0ken"}, {"X-Key", R"(a"quote"d)"}};
    config.env = {{"TOKEN", "12345678"}, {"PATH", "/usr/bin"}, {"SHORT", "debug"}};
    config.env["HEADERS"] = R"({"Authorization": "Bearer ntn_0123456789abc"})";
    return config;
}

Config with_variable(const std::string& name, const std::string& value) {
    Config config;
    config.env = {{name, value}};
    return config;
}

Config with_header(const std::string& name, const std::string& value) {
    Config config;
    config.headers = {{name, value}};
    return config;
}

// What a client gets as the error `said`.
std::string told(const Config& config, mcp::Answer said) {
    Result<mcp::Answer> answer(std::move(said));
    hide_secrets(config, answer);
    const auto* refused = std::get_if<mcp::Refused>(&*answer);
    const auto* completed = std::get_if<mcp::Completed>(&*answer);
    return std::string(refused != nullptr ? refused->error.view() : completed->result.view());
}

std::string told(const Config& config, std::string_view error) {
    return told(config, mcp::Refused{Slice(std::string(error))});
}

constexpr std::string_view whole_line = "(a line that quotes a credential)";

TEST(secrets, are_left_out_of_what_a_server_says) {
    const auto shown = [](std::string_view text) { return without_secrets(config(), text); };
    EXPECT_EQ(shown("no \"Bearer t0ken-t0ken\" here"), "no \"Bearer ***\" here");
    EXPECT_EQ(shown("t0ken-t0ken t0ken-t0ken"), "*** ***");
    EXPECT_EQ(
        shown("Bearer is no secret, nor is example.com"), "Bearer is no secret, nor is example.com"
    );
    EXPECT_EQ(shown("it must be Bearer"), "it must be Bearer");
    EXPECT_EQ(shown(R"(X-Key: a"quote"d)"), "X-Key: ***");
    EXPECT_EQ(shown(R"("X-Key: a\"quote\"d")"), R"("X-Key: ***")");
    EXPECT_EQ(
        shown("user12 passw0rd, ?key=s%20ecret1, s ecret1&b=1"), "*** ***, ?key=***, ***&b=1"
    );
    EXPECT_EQ(shown("POST /s/0123456789abcdef0/mcp"), "POST /s/***/mcp");
    EXPECT_EQ(shown("TOKEN=12345678 ntn_0123456789abc"), "TOKEN=*** ***");
    EXPECT_EQ(shown("/usr/bin debug 200"), "/usr/bin debug 200");
    EXPECT_EQ(shown(""), "");
}

TEST(secrets, are_told_from_other_values_by_the_words_of_a_name) {
    for (const std::string name :
         {"API_KEY",
          "APIKEY",
          "apiKey",
          "X-Api-Key",
          "KEY_FOR_X",
          "GithubToken",
          "MY_SECRET",
          "pass",
          "DB_PASS",
          "PASSWORD2",
          "pgpassword",
          "KEY_PASSPHRASE",
          "SMTP_PWD",
          "AWS_CREDENTIALS",
          "keyId",
          "Cookie",
          "Proxy-Authorization"}) {
        EXPECT_EQ(without_secrets(with_variable(name, "swordfish"), "a swordfish"), "a ***")
            << name;
        EXPECT_EQ(without_secrets(with_header(name, "swordfish"), "a swordfish"), "a ***") << name;
    }
    for (const std::string name :
         {"OAUTH_CLIENT_ID",
          "PROJECT_ID",
          "NODE_ENV",
          "MAX_TOKENS",
          "KEYCLOAK_REALM",
          "AUTHOR",
          "X-MCP-Toolsets",
          "X-Client",
          "PASSIVE",
          ""}) {
        EXPECT_EQ(
            without_secrets(with_variable(name, "Iv1.8a61f9b3a7"), "Iv1.8a61f9b3a7"),
            "Iv1.8a61f9b3a7"
        ) << name;
        EXPECT_EQ(
            without_secrets(with_header(name, "cursor,issues"), "cursor,issues"), "cursor,issues"
        ) << name;
    }
    EXPECT_EQ(without_secrets(with_variable("KEY", "short"), "a short one"), "a short one");
    EXPECT_EQ(without_secrets(with_variable("KEY", "swordfish\n"), "a swordfish"), "a ***");
    EXPECT_EQ(without_secrets(with_variable("KEY", R"(sword\nfish)"), R"(a sword\nfish)"), "a ***");
    EXPECT_EQ(without_secrets(with_variable("KEY", " \n"), "a short one"), "a short one");
}

TEST(secrets, stand_behind_a_scheme) {
    // anna:passw0rd
    for (const std::string scheme : {"Basic", "basic", "BASIC"}) {
        for (const std::string name : {"Authorization", "MCP_AUTH_HEADER"}) {
            const auto header = with_header(name, scheme + " YW5uYTpwYXNzdzByZA==");
            EXPECT_EQ(
                without_secrets(header, "anna has no password passw0rd (YW5uYTpwYXNzdzByZA==)"),
                "anna has no password *** (***)"
            );
        }
    }
    const auto only_user = with_header("Authorization", "Basic c2tfbGl2ZV94Og");  // sk_live_x:
    EXPECT_EQ(without_secrets(only_user, "sk_live_x"), "***");
    const auto bearer = with_header("authorization", "bearer t0ken-t0ken");
    EXPECT_EQ(without_secrets(bearer, "bearer, t0ken-t0ken"), "bearer, ***");
    const auto other = with_header("Authorization", "MAC id=\"app\", mac=\"0123456789abcdef0\"");
    EXPECT_EQ(without_secrets(other, "MAC 0123456789abcdef0"), "MAC ***");
    const auto words = with_variable("MODE", "basic authentication");
    EXPECT_EQ(without_secrets(words, "no basic authentication"), "no basic authentication");
    const auto cookies = with_header("Cookie", "lang=english; id=abc123def");
    EXPECT_EQ(without_secrets(cookies, "english abc123def"), "english ***");
}

TEST(secrets, are_parts_of_urls_in_variables) {
    const auto database = with_variable(
        "DATABASE_URL", "postgres://app:S3cretPassw0rd@db.internal/app?sslmode=require"
    );
    EXPECT_EQ(
        without_secrets(database, "app at db.internal: S3cretPassw0rd, sslmode=require"),
        "app at db.internal: ***, sslmode=require"
    );
    const auto hook = with_variable(
        "HOOK",
        "https://hooks.example.com/services/XXXXXXXX0123XXXXXXXX/"
        "of-all-the-messages?apikey=abc%2B123&to=x"
    );
    EXPECT_EQ(
        without_secrets(
            hook, "/services/XXXXXXXX0123XXXXXXXX/of-all-the-messages?apikey=abc%2B123"
        ),
        "/services/***/of-all-the-messages?apikey=***"
    );
    EXPECT_EQ(without_secrets(hook, "abc+123"), "***");
    const auto base = with_variable("TOKEN_URL", "https://auth.example.com/token");
    EXPECT_EQ(
        without_secrets(base, "https://auth.example.com/token?x"),
        "https://auth.example.com/token?x"
    );
}

TEST(secrets, are_long_strings_of_json_and_of_several_lines) {
    const std::string line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    const std::string key =
        "-----BEGIN PRIVATE KEY-----\\n" + line + "\\n-----END PRIVATE KEY-----\\n";
    const auto json =
        with_variable("GOOGLE_KEY", R"({"type":"service","private_key":")" + key + "\"}");
    EXPECT_EQ(without_secrets(json, "service " + line), "service ***");
    EXPECT_EQ(
        without_secrets(json, "key: " + key),
        "key: -----BEGIN PRIVATE KEY-----\\n***\\n-----END PRIVATE KEY-----\\n"
    );
    EXPECT_EQ(without_secrets(with_variable("PRIVATE_KEY", key), line), "***");
    EXPECT_EQ(without_secrets(with_variable("PRIVATE_KEY", "x\n" + line + "\ny"), line), "***");
    EXPECT_EQ(without_secrets(with_variable("TEXT", "x\n" + line + "\ny"), line), line);
    const auto escaped = with_variable("MY_KEYS", R"(["p\u00e4ssw\u00f6rtlang\/x"])");
    EXPECT_EQ(without_secrets(escaped, "p\u00e4ssw\u00f6rtlang/x"), "***");
}

TEST(secrets, hide_a_whole_line_where_they_are_written_in_another_way) {
    const auto slashes = with_header("Authorization", "Bearer abCD/efGH+ijKL");
    const auto shown = [&](std::string_view text) { return without_secrets(slashes, text); };
    EXPECT_EQ(shown("abCD/efGH+ijKL"), "***");
    EXPECT_EQ(shown(R"({"detail":"abCD\/efGH+ijKL"})"), whole_line);
    EXPECT_EQ(shown(R"({"detail":"abCD/efGH\u002BijKL"})"), whole_line);
    EXPECT_EQ(shown(R"({"detail":"{\"a\":\"abCD\\\/efGH+ijKL\"}"})"), whole_line);
    EXPECT_EQ(shown("/abCD%2FefGH%2BijKL/x"), "/***/x");
    EXPECT_EQ(shown("/abCD%2fefGH%2bijKL/x"), whole_line);
    EXPECT_EQ(shown("/%61bCD/efGH+ijKL/x"), whole_line);
    EXPECT_EQ(shown(R"(cut: abCD\/efG)"), whole_line);
    EXPECT_EQ(shown(R"(C:\new\u00 100% %zz \)"), R"(C:\new\u00 100% %zz \)");
    const auto umlauts = with_variable("MY_KEY", "p\u00e4ssw\u00f6rtlang\u00fcber");
    EXPECT_EQ(without_secrets(umlauts, R"(bad p\u00e4ssw\u00F6rtlang\u00fcber)"), whole_line);
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
    EXPECT_EQ(error.data, R"({"a":12345678})");  // A number is none.
}

TEST(secrets, are_left_out_of_a_servers_own_error_and_not_of_results) {
    EXPECT_EQ(
        told(config(), R"({"code":-1,"message":"got t0ken-t0ken"})"),
        R"({"code":-1,"message":"got ***"})"
    );
    EXPECT_EQ(told(config(), R"({"code":-1})"), R"({"code":-1})");
    mcp::Completed result{Slice(std::string(R"({"a":"t0ken-t0ken"})"))};
    EXPECT_EQ(told(config(), std::move(result)), R"({"a":"t0ken-t0ken"})");
}

TEST(secrets, are_strings_in_an_error_in_any_spelling_and_neither_names_nor_numbers) {
    const auto plain = with_variable("PRIMARY_KEY", "message");
    EXPECT_EQ(
        told(plain, R"({"code":-1, "message" : "no message", "data":{"message":["message"]}})"),
        R"({"code":-1, "message" : "no ***", "data":{"message":["***"]}})"
    );
    const auto number = with_variable("KEY", "1234567");
    const std::string_view of_numbers =
        R"({"code":-32000,"message":"\u0041","data":{"id":1234567}})";
    EXPECT_EQ(told(number, of_numbers), of_numbers);
    const auto slashes = with_header("Authorization", "Bearer abCD/efGH+ijKL");
    EXPECT_EQ(
        told(slashes, R"({"code":-1,"message":"\"abCD\/efGH\u002BijKL\"","data":"\/"})"),
        R"({"code":-1,"message":"\"***\"","data":"\/"})"
    );
}

TEST(secrets, leave_the_url_of_an_elicitation_usable) {
    Config config;
    config.env = {
        {"AUTH_BASE_URL", "https://auth.example.com"},
        {"OAUTH_CLIENT_ID", "Iv1.8a61f9b3a7aba766"},
        {"OAUTH_CLIENT_SECRET", "c1ient/secret"},
    };
    const auto error = [](const std::string& more) {
        return R"({"code":-32042,"message":"Go there","data":{"elicitations":[{"mode":"url","url":)"
               R"("https://auth.example.com/authorize?client_id=Iv1.8a61f9b3a7aba766)" +
               more + R"(","elicitationId":"7"}]}})";
    };
    EXPECT_EQ(told(config, error("&state=a%20b")), error("&state=a%20b"));
    EXPECT_EQ(told(config, error("&secret=c1ient%2Fsecret&x=1")), error("&secret=***&x=1"));
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
