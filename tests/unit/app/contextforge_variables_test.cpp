#include "app/contextforge_variables.hpp"

#include "app/variable_settings.hpp"
#include "unit/app/reading.hpp"
#include "upstream/process/inherited_variables.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gw::app::test {
namespace {

using Variables = std::map<std::string, std::string>;

Outcome read(const Variables& variables, CommonNames common = CommonNames::always) {
    Outcome outcome;
    read_variable_settings(environment_of(variables), common, outcome.report, outcome.settings);
    return outcome;
}

struct Example {
    std::string_view name;
    std::string value;
    std::string becomes;  // The setting's value then.
};

const std::vector<Example> examples{
    {"HOST", "::", R"("[::]:8080")"},
    {"PORT", "4444", R"("127.0.0.1:4444")"},
    {"ALLOWED_ORIGINS", R"(["http://a.example"])", R"(["http://a.example"])"},
    {"USE_STATEFUL_SESSIONS", "false", "off"},
    {"SSE_KEEPALIVE_INTERVAL", "30", "30s"},
    {"SSE_RETRY_TIMEOUT", "5000", "5s"},
    {"JSON_RESPONSE_ENABLED", "True", "true"},
    {"STREAMABLE_HTTP_MAX_EVENTS_PER_STREAM", "100", "100"},
    {"STREAMABLE_HTTP_EVENT_TTL", "3600", "1h"},
    {"MAX_HEADER_COUNT", "100", "100"},
    {"TOOL_TIMEOUT", "60", "1m"},
    {"HTTPX_CONNECT_TIMEOUT", "2.5", "2500ms"},
    {"GATEWAY_TOOL_NAME_SEPARATOR", "--", R"("--")"},
    {"LOG_LEVEL", "CRITICAL", "error"},
    {"LOG_FORMAT", "text", "text"},
    {"SSRF_BLOCKED_NETWORKS", R"(["10.0.0.0/8"])", R"(["10.0.0.0/8"])"},
};

TEST(contextforge_variables, names_each_once_and_settings_that_exist) {
    std::set<std::string_view> names;
    bool is_rest = false;
    for (const auto& variable : contextforge_variables()) {
        EXPECT_TRUE(names.insert(variable.name).second) << variable.name;
        EXPECT_FALSE(variable.name.starts_with("BASCULE_")) << variable.name;
        is_rest = is_rest || !variable.has_counterpart();
        EXPECT_NE(is_rest, variable.has_counterpart()) << variable.name;
        if (variable.setting.empty()) {
            EXPECT_TRUE(is_rest) << variable.name;
            continue;
        }
        const auto* setting = find_setting(variable.setting);
        ASSERT_NE(setting, nullptr) << variable.name;
        EXPECT_TRUE(is_rest || !is_of_entry(*setting)) << variable.name;
    }
}

TEST(contextforge_variables, each_counterpart_sets_its_setting_and_no_other) {
    auto example = examples.begin();
    for (const auto& variable : contextforge_variables()) {
        if (!variable.has_counterpart()) break;
        ASSERT_NE(example, examples.end()) << variable.name;
        ASSERT_EQ(variable.name, example->name);
        auto outcome = read({{std::string(variable.name), example->value}});
        EXPECT_EQ(outcome.errors(), "") << variable.name;
        Settings defaults;
        for (const auto& setting : settings_table()) {
            if (is_of_entry(setting)) continue;
            const auto now = value_text(setting, setting.field(outcome.settings, 0));
            const auto before = value_text(setting, setting.field(defaults, 0));
            const bool is_it = setting.name == variable.setting;
            EXPECT_EQ(now, is_it ? example->becomes : before) << variable.name;
            EXPECT_EQ(now != before, is_it) << variable.name;
        }
        ++example;
    }
    EXPECT_EQ(example, examples.end());
}

TEST(contextforge_variables, a_value_that_is_not_what_its_name_demands_is_an_error) {
    const std::map<std::string, std::vector<std::string>> wrong{
        {"HOST", {"a host", "h:80", "[::1]", "unix:/x"}},
        {"PORT", {"0", "65536", "x", "-1", "80.0"}},
        {"ALLOWED_ORIGINS", {"*", R"(["http://a.example")"}},
        {"USE_STATEFUL_SESSIONS", {"perhaps", "2"}},
        {"SSE_KEEPALIVE_INTERVAL", {"30s", "0", "-1", "1e3", "nan", "inf", " 5", "5 "}},
        {"SSE_RETRY_TIMEOUT", {"x", "1"}},
        {"JSON_RESPONSE_ENABLED", {"json"}},
        {"STREAMABLE_HTTP_MAX_EVENTS_PER_STREAM", {"0", "1.5"}},
        {"STREAMABLE_HTTP_EVENT_TTL", {"1000000", "99999999999999999999999"}},
        {"MAX_HEADER_COUNT", {"7"}},
        {"TOOL_TIMEOUT", {"0.001", ""}},
        {"GATEWAY_TOOL_NAME_SEPARATOR", {"---", "/"}},
        {"LOG_LEVEL", {"TRACE"}},
        {"LOG_FORMAT", {"xml"}},
        {"SSRF_BLOCKED_NETWORKS", {"metadata.internal"}},
    };
    for (const auto& [name, values] : wrong) {
        for (const auto& value : values) {
            if (value.empty()) continue;
            const auto errors = read({{name, value}}).errors();
            EXPECT_TRUE(errors.starts_with("the variable " + name + ": "))
                << name << value << errors;
            EXPECT_NE(errors.find(": expected "), errors.npos) << errors;
        }
    }
    EXPECT_EQ(
        read({{"TOOL_TIMEOUT", "1m"}}).errors(),
        "the variable TOOL_TIMEOUT: timeouts.call: expected a number of seconds"
    );
}

TEST(contextforge_variables, host_and_port_make_one_address) {
    EXPECT_EQ(read({{"PORT", "9"}, {"HOST", "::1"}}).settings.listen, "[::1]:9");
}

TEST(contextforge_variables, a_variable_of_ours_stands_above_theirs) {
    const auto outcome = read(
        {{"BASCULE_LISTEN", "unix:/s"}, {"HOST", "nonsense!"}, {"PORT", "9"}, {"TOOL_TIMEOUT", "9"}}
    );
    EXPECT_EQ(outcome.errors(), "");
    EXPECT_EQ(outcome.settings.listen, "unix:/s");
    EXPECT_EQ(
        outcome.warnings(),
        "variables of ContextForge count where no file says otherwise: TOOL_TIMEOUT (timeouts.call)"
    );
}

TEST(contextforge_variables, common_names_count_only_beside_one_of_its_own_or_when_told_to) {
    const Variables common{
        {"HOST", "h!"}, {"PORT", "x"}, {"LOG_LEVEL", "x"}, {"DATABASE_URL", "d"}
    };
    const auto alone = read(common, CommonNames::beside_others);
    EXPECT_EQ(alone.errors() + alone.warnings(), "");
    EXPECT_EQ(alone.settings, Settings());

    Variables variables{{"PORT", "9"}, {"DATABASE_URL", "d"}, {"TOOL_TIMEOUT", "1"}};
    EXPECT_EQ(
        read(variables).warnings(),
        "variables of ContextForge count where no file says otherwise: PORT (listen), TOOL_TIMEOUT "
        "(timeouts.call)\nvariables of ContextForge are not used: DATABASE_URL"
    );
    variables.emplace("MCP_REQUIRE_AUTH", "false");
    const auto beside = read(variables, CommonNames::beside_others);
    EXPECT_EQ(beside.settings.listen, "127.0.0.1:9");
    EXPECT_EQ(
        beside.warnings(),
        "variables of ContextForge count where no file says otherwise: PORT (listen), TOOL_TIMEOUT "
        "(timeouts.call); those with common names because MCP_REQUIRE_AUTH is set\n"
        "variables of ContextForge are not used: DATABASE_URL, MCP_REQUIRE_AUTH (see "
        "auth.tokens_file)"
    );
}

TEST(contextforge_variables, those_that_hold_a_secret_are_never_a_childs) {
    const auto is_secret = [](std::string_view name) {
        for (const std::string_view end : {"_SECRET", "SECRET_KEY", "PASSWORD", "PRIVATE_KEY"})
            if (name.ends_with(end)) return true;
        return name == "DATABASE_URL" || name == "REDIS_URL" || name == "LANGFUSE_OTEL_AUTH";
    };
    int count = 0;
    for (const auto& variable : contextforge_variables()) {
        EXPECT_EQ(upstream::is_inheritable(variable.name), !is_secret(variable.name))
            << variable.name;
        count += is_secret(variable.name) ? 1 : 0;
    }
    EXPECT_EQ(count, 24) << "each that is withheld from children is in the table";
}

TEST(contextforge_variables, none_lowers_authentication) {
    Variables variables;
    for (const auto& variable : contextforge_variables()) {
        if (variable.name.find("AUTH") != std::string_view::npos)
            variables.emplace(variable.name, "false");
        EXPECT_FALSE(variable.has_counterpart() && variable.setting.starts_with("auth."));
    }
    EXPECT_EQ(read(variables).settings.auth, Auth());
}

}  // namespace
}  // namespace gw::app::test
