#include "app/variable_settings.hpp"

#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gw::app::test {
namespace {

using Variables = std::map<std::string, std::string>;

Outcome read(const Variables& variables, CommonNames common = CommonNames::beside_others) {
    Outcome outcome;
    read_variable_settings(environment_of(variables), common, outcome.report, outcome.settings);
    return outcome;
}

TEST(variable_settings, each_setting_outside_entries_has_a_variable_of_its_own) {
    std::set<std::string> names;
    for (const auto& setting : settings_table()) {
        const auto name = variable_name(setting);
        EXPECT_EQ(name.empty(), is_of_entry(setting)) << setting.name;
        if (name.empty()) continue;
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_EQ(find_setting_of_variable(name), &setting) << name;
    }
    EXPECT_TRUE(names.contains("BASCULE_TIMEOUTS_CALL_MAX"));
    EXPECT_EQ(find_setting_of_variable(""), nullptr);
    EXPECT_EQ(find_setting_of_variable("BASCULE_TOKEN"), nullptr);
}

TEST(variable_settings, values_are_those_of_a_file) {
    const auto outcome = read({
        {"BASCULE_LISTEN", "[::1]:0"},
        {"BASCULE_WORKERS", "auto"},
        {"BASCULE_TIMEOUTS_CALL", "1500ms"},
        {"BASCULE_LIMITS_BODY_BYTES_MAX", "2MiB"},
        {"BASCULE_SESSIONS_MODE", "off"},
        {"BASCULE_AUTH_TOKENS_FILE", "/t"},
    });
    EXPECT_EQ(outcome.errors(), "");
    Settings expected;
    expected.listen = "[::1]:0";
    expected.timeouts.call = Time(1500);
    expected.limits.body_bytes_max = 2 * mib;
    expected.sessions.mode = SessionMode::off;
    expected.auth.tokens_file = "/t";
    EXPECT_EQ(outcome.settings, expected);
}

TEST(variable_settings, truth_has_many_spellings) {
    for (const auto* text : {"false", "0", "No", "OFF", "n", "f"}) {
        const auto outcome = read({{"BASCULE_CORS", text}});
        EXPECT_EQ(outcome.errors() + (outcome.settings.cors ? "?" : ""), "") << text;
    }
    for (const auto* text : {"true", "1", "Yes", "ON", "y", "t"}) {
        const auto outcome = read({{"BASCULE_STREAMS_JSON_RESPONSE", text}});
        EXPECT_EQ(outcome.errors() + (outcome.settings.streams.json_response ? "" : "?"), "");
    }
}

TEST(variable_settings, lists_are_json_or_separated_by_commas) {
    const auto hosts = [](const std::string& text) {
        const auto outcome = read({{"BASCULE_ALLOWED_HOSTS", text}});
        EXPECT_EQ(outcome.errors(), "") << text;
        return outcome.settings.allowed_hosts;
    };
    EXPECT_EQ(
        hosts("a.example, b.example:1,,"), (std::vector<std::string>{"a.example", "b.example:1"})
    );
    EXPECT_EQ(
        hosts(R"([ "a.example","b.example"])"), (std::vector<std::string>{"a.example", "b.example"})
    );
    EXPECT_EQ(hosts("[::1]:80,c"), (std::vector<std::string>{"[::1]:80", "c"}));
    EXPECT_EQ(
        read({{"BASCULE_EGRESS_DENIED_NETWORKS", "[]"}}).settings.egress.denied_networks.size(), 0U
    );
}

TEST(variable_settings, an_empty_variable_is_not_set) {
    Variables variables;
    for (const auto& setting : settings_table())
        if (!is_of_entry(setting)) variables.emplace(variable_name(setting), "");
    const auto outcome = read(variables);
    EXPECT_EQ(outcome.errors(), "");
    EXPECT_EQ(outcome.settings, Settings());
}

TEST(variable_settings, an_error_names_the_variable_the_setting_and_what_was_expected) {
    EXPECT_EQ(
        read({
                 {"BASCULE_ALLOWED_ORIGINS", R"(["https://a.example", "nonsense"])"},
                 {"BASCULE_LIMITS_PAGE_SIZE", "0"},
                 {"BASCULE_CORS", "perhaps"},
                 {"BASCULE_TIMEOUTS_CALL", "30"},
             })
            .errors(),
        "the variable BASCULE_ALLOWED_ORIGINS: allowed_origins: expected a list of origins such as "
        "https://app.example.com; not \"nonsense\"\n"
        "the variable BASCULE_CORS: cors: expected true or false; not \"perhaps\"\n"
        "the variable BASCULE_LIMITS_PAGE_SIZE: limits.page_size: expected a whole number from 1 "
        "to 100000; not \"0\"\n"
        "the variable BASCULE_TIMEOUTS_CALL: timeouts.call: expected a time from 10ms to 24h, such "
        "as 30s; not \"30\""
    );
    EXPECT_EQ(
        read({{"BASCULE_LISTEN", "\xFF\x1B[2J"}}).errors(),
        "the variable BASCULE_LISTEN: listen: expected text in UTF-8"
    );
    for (const auto* broken : {R"(["a)", R"(["a"] x)", R"([["a"]])"}) {
        const auto errors = read({{"BASCULE_ALLOWED_HOSTS", broken}}).errors();
        EXPECT_TRUE(errors.starts_with("the variable BASCULE_ALLOWED_HOSTS: ")) << errors;
    }
}

TEST(variable_settings, an_error_never_quotes_a_password) {
    const auto errors = read({{"BASCULE_PROXY_HTTPS_PROXY", "socks5://user:secret@h:1"}}).errors();
    EXPECT_NE(errors.find("proxy.https_proxy: expected"), std::string::npos) << errors;
    EXPECT_EQ(errors.find("secret"), std::string::npos) << errors;
    EXPECT_EQ(
        read_yaml("proxy: {http_proxy: 'socks5://user:secret@h:1'}\n").errors().find("secret"),
        std::string::npos
    );
}

TEST(variable_settings, no_variable_lets_everybody_in) {
    for (const auto* text : {"true", "1", "YES"}) {
        EXPECT_EQ(
            read({{"BASCULE_AUTH_ALLOW_ANONYMOUS", text}}).errors(),
            "the variable BASCULE_AUTH_ALLOW_ANONYMOUS: auth.allow_anonymous: expected false; only "
            "a file makes it true"
        );
    }
    EXPECT_EQ(read({{"BASCULE_AUTH_ALLOW_ANONYMOUS", "false"}}).errors(), "");
}

}  // namespace
}  // namespace gw::app::test
